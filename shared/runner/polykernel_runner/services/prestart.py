"""What a definition has done before its service starts: the actions, as it spells them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol.json_object import JsonObject

DEFAULT_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """Write lines, a newline after each. Without a `mode` a file that is appended to keeps its."""

    filename: str
    lines: tuple[str, ...]
    mode: int | None
    append: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteTempfile:
    """Write a file of the service's own, as the text is, and give its path."""

    lines: tuple[str, ...]
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommand:
    """Run a command and give what it printed; `echo`: into the log, too."""

    command: tuple[str, ...]
    echo: bool


@dataclass(frozen=True, slots=True)
class MakeDirectory:
    """Make a directory and those above it."""

    path: str


@dataclass(frozen=True, slots=True)
class WriteLog:
    """Say something in the log."""

    message: str
    debug: bool


Action: TypeAlias = WriteFile | WriteTempfile | RunCommand | MakeDirectory | WriteLog


@dataclass(frozen=True, slots=True)
class Step:
    """An action, and the name under which what it gives is known to what comes after it."""

    action: Action
    ref: str | None

    def templates(self) -> Iterator[str]:
        """Give the texts in which names are replaced."""
        match self.action:
            case WriteFile():
                yield self.action.filename
                yield from self.action.lines
            case WriteTempfile():
                yield from self.action.lines
            case RunCommand():
                yield from self.action.command
            case MakeDirectory():
                yield self.action.path
            case WriteLog():
                yield self.action.message


def parse(what: str, item: object) -> Step:
    """Parse an entry of `prestart`; `what` names it. Raises ProtocolError."""
    step = JsonObject(what, item)
    refuse_unknown(what, item, {"action", "args", "ref"})
    name = step.text("action")
    if name not in _ACTIONS:
        known = ", ".join(_ACTIONS)
        raise ProtocolError(f"'action' of {what} is {name!r:.80}; there are {known}")
    keys, make = _ACTIONS[name]
    args = step.mapping("args")
    refuse_unknown(f"{what}, {name},", args, keys)
    return Step(make(JsonObject(f"{what}, {name},", args)), step.optional_text("ref"))


def refuse_unknown(what: str, body: object, known: set[str]) -> None:
    """Raise ProtocolError for a key that means nothing."""
    unknown = sorted(set(body) - known) if isinstance(body, dict) else []
    if unknown:
        raise ProtocolError(f"{what} has {unknown[0]!r}; it may have {', '.join(sorted(known))}")


def _lines(args: JsonObject) -> tuple[str, ...]:
    try:
        return args.texts("body")
    except ProtocolError:
        return (args.text("body"),)


def _mode(args: JsonObject) -> int | None:
    text = args.optional_text("mode")
    if text is None:
        return None
    if not 3 <= len(text) <= 4 or set(text) - set("01234567"):
        raise ProtocolError(f"'mode' is three or four octal digits such as '644', not {text!r:.80}")
    return int(text, 8)


def _write_file(args: JsonObject) -> Action:
    return WriteFile(
        filename=args.text("filename"),
        lines=_lines(args),
        mode=_mode(args),
        append=args.boolean("append", False),
    )


def _write_tempfile(args: JsonObject) -> Action:
    mode = _mode(args)
    return WriteTempfile(lines=_lines(args), mode=DEFAULT_MODE if mode is None else mode)


def _run_command(args: JsonObject) -> Action:
    command = args.texts("command")
    if not command:
        raise ProtocolError("'command' of 'run_command' is a list of at least one text")
    return RunCommand(command=command, echo=args.boolean("echo", False))


def _write_log(args: JsonObject) -> Action:
    # The original's documentation has the one, its code the other.
    message = args.optional_text("message")
    return WriteLog(args.text("body") if message is None else message, args.boolean("debug", False))


_ACTIONS: Mapping[str, tuple[set[str], Callable[[JsonObject], Action]]] = {
    "write_file": ({"filename", "body", "mode", "append"}, _write_file),
    "write_tempfile": ({"body", "mode"}, _write_tempfile),
    "run_command": ({"command", "echo"}, _run_command),
    "mkdir": ({"path"}, lambda args: MakeDirectory(args.text("path"))),
    "log": ({"message", "body", "debug"}, _write_log),
}
