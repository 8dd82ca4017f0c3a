"""`invoke run --lang LANG FILE [ARGS...]` as it is typed.

Invoke's parser takes words after FILE for names of tasks and for flags of its own. So the words
are read here, before invoke reads them; all that stands after FILE is the program's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = "usage: invoke run --lang LANG FILE [ARGS...]   FILE - reads the program from stdin"


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """`file` is a path, or `-` for a program on standard input."""

    lang: str
    file: str
    args: tuple[str, ...]


def is_run(argv: Sequence[str]) -> bool:
    """Whether `argv`, a whole command line, is invoke's with `run` as its first task."""
    if list(argv[1:2]) != ["run"]:
        return False
    program = Path(argv[0])
    return program.stem in {"invoke", "inv"} or program.parts[-2:] == ("invoke", "__main__.py")


def parse_run(words: Sequence[str]) -> RunRequest | None:
    """The words after `run`; None when they ask for help. Raises UsageError."""
    lang = ""
    left = list(words)
    while left:
        word = left.pop(0)
        if word in {"-h", "--help"}:
            return None
        if word in {"-l", "--lang"}:
            lang = left.pop(0) if left else ""
        elif word.startswith("--lang="):
            lang = word.removeprefix("--lang=")
        elif word not in {"-", "--"} and word.startswith("-"):
            raise UsageError(f"run has no option {word}; {USAGE}")
        elif word != "--":
            return _request(lang, word, left)
    raise UsageError(f"which FILE? {USAGE}")


def _request(lang: str, file: str, args: list[str]) -> RunRequest:
    if not lang:
        raise UsageError(f"--lang LANG must be given, before FILE; {USAGE}")
    if args[:1] == ["--"]:
        args = args[1:]
    return RunRequest(lang=lang, file=file, args=tuple(args))
