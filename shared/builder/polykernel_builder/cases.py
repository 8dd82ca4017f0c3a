"""The conformance suite's table: what a language must show in each mode that it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel_builder.manifest import Mode

# What a case is about: a column of docs/languages.md, where `mode` is the mode itself.
Topic: TypeAlias = Literal[
    "mode", "state", "stdin", "args", "interrupt", "limits", "completion", "picture"
]
TOPICS: tuple[Topic, ...] = get_args(Topic)

MODULES, STATE, COMPLETION, PICTURE = "modules", "state", "completion", "picture"
# The programs of `conformance.toml`, and what each does.
PROGRAMS: Mapping[str, str] = {
    "hello": "prints Hello, World!",
    "args": "prints each argument on a line of its own, as [argument]",
    "stdin": 'prints "? " without a newline and reads a number, twice; prints their sum; ends when'
    " its input does",
    "exit": 'prints "out" to stdout and "err" to stderr, ends with exit code 3',
    "error": "cannot be compiled: words on stderr, an exit code that is not 0",
    "loop": 'prints "started", flushed, and is busy for ever',
    "memory": "takes memory for ever, and writes to it",
    "binary": "writes the bytes 0 to 255 to stdout",
    "utf-8": "prints größer ≥ 東京 🙂",
    PICTURE: "shows a PNG or SVG picture; only where there are any",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried in `modes`, with one of PROGRAMS or what a table beside them has."""

    name: str
    program: str
    topic: Topic = "mode"
    modes: tuple[Mode, ...] = ("batch", "query")


CASES = (
    Case("hello", "hello"),
    Case("args", "args", "args"),
    Case("stdin-given", "stdin", "stdin"),
    Case("stdin-live", "stdin", "stdin"),
    Case("stdin-ended", "stdin", "stdin"),
    Case("exit", "exit"),
    Case("error", "error"),
    Case("interrupt", "loop", "interrupt"),
    Case("cancel", "loop", "interrupt"),
    Case("time-limit", "loop", "limits"),
    Case("cpu-limit", "loop", "limits"),
    Case("memory-limit", "memory", "limits"),
    Case("output-limit", "binary", "limits"),
    Case("binary", "binary"),
    Case("utf-8", "utf-8"),
    Case("utf-8-name", "utf-8", modes=("batch",)),
    Case("modules", MODULES, modes=("batch",)),
    Case("no-leftovers", MODULES, modes=("batch",)),
    Case("state", STATE, "state", ("query",)),
    Case("completion", COMPLETION, "completion", ("query",)),
    Case("picture", PICTURE, "picture"),
)


def named(mode: Mode, name: str) -> tuple[Case, ...]:
    """The case of that name in a mode, or else all that run the program of that name."""
    there = [case for case in CASES if mode in case.modes]
    return tuple(case for case in there if case.name == name) or tuple(
        case for case in there if case.program == name
    )
