"""Queries: shell code, or a command of ours, which begins with `%`."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

from polykernel_git import drawing, gitgraph, history

if TYPE_CHECKING:
    from collections.abc import Callable

    from polykernel_git.bash import Bash

_COMMAND = re.compile(r"^[ \t]*%show\b.*$", re.MULTILINE)
# In a query of one line it can only be one of ours, or mistyped.
_LONE = re.compile(r"\s*%[a-z].*\s*")
USAGE = "usage: %show graph [DIRECTORY]"
USAGE_EXIT = 2
NOTHING_EXIT = 1
# A picture of more is of no use to anybody.
MOST_COMMITS = 1000


class Evaluator:
    """Evaluates queries in a shell."""

    def __init__(self, bash: Bash) -> None:
        self._bash = bash
        self._reader = history.Reader(bash.run)

    def evaluate(self, code: str, show: Callable[[str, bytes], None]) -> int:
        """Return the exit code of a query, which is that of the last of its parts."""
        exit_code = 0
        self._bash.interrupted = False
        for part in split(code):
            exit_code = self._command(part, show) if _is_command(part) else self._bash.run(part)
            if self._bash.interrupted:
                break
        return exit_code

    def _command(self, line: str, show: Callable[[str, bytes], None]) -> int:
        try:
            directory = _directory(shlex.split(line))
        except ValueError as error:
            return _refuse(f"{error}; {USAGE}", USAGE_EXIT)
        return self._show_graph(directory, show)

    def _show_graph(self, directory: str, show: Callable[[str, bytes], None]) -> int:
        exit_code, commits = self._reader.read(directory, MOST_COMMITS + 1)
        if exit_code:
            return exit_code  # git has said why
        if not commits:
            return _refuse("there are no commits to show yet; git commit makes one", NOTHING_EXIT)
        if len(commits) > MOST_COMMITS:
            sys.stderr.write(f"only the newest {MOST_COMMITS} commits are shown\n")
            commits = commits[:MOST_COMMITS]
        show(gitgraph.MEDIA_TYPE, gitgraph.encode(commits))
        show("image/svg+xml", drawing.draw(commits))
        return 0


def split(code: str) -> list[str]:
    """Return the parts of a query: lines that are commands of ours, and what is between them."""
    if _is_command(code):
        return [code]
    parts, start = [], 0
    for command in _COMMAND.finditer(code):
        parts += [_between(code, start, command.start()), command[0]]
        start = command.end()
    return [part for part in (*parts, _between(code, start, len(code))) if part.strip()]


def _between(code: str, start: int, end: int) -> str:
    lines_before = code.count("\n", 0, start)
    return "\n" * lines_before + code[start:end]


def _is_command(part: str) -> bool:
    return bool(_LONE.fullmatch(part))


def _directory(words: list[str]) -> str:
    match words:
        case ["%show", "graph"]:
            return "."
        case ["%show", "graph", directory]:
            return directory
        case ["%show", "graph", *many]:
            raise ValueError(f"%show graph takes one directory, not {len(many)}")
        case ["%show", what, *_]:
            raise ValueError(f"%show shows no {what!r}")
        case ["%show"]:
            raise ValueError("%show what?")
    raise ValueError(f"there is no command {words[0]}")


def _refuse(reason: str, exit_code: int) -> int:
    sys.stderr.write(f"{reason}\n")
    return exit_code
