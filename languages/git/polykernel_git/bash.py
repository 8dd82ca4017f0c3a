"""One bash that lives on: directory, variables and functions stay from query to query.

It is interactive, for only such a bash drops what it is at when interrupted, and goes on. Its own
standard input are the commands of ours that make it source a query; while it does, descriptor 0
is the live input, and 1 and 2 are the query's output.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

# Where bash has what it lends to queries; its own begin at 10 and at 255.
_LENT = (_INPUT, _REPORTS, _OUTPUT, _ERRORS) = (240, 241, 242, 243)
_LENDING = f"<&{_INPUT} >&{_OUTPUT} 2>&{_ERRORS} {' '.join(f'{lent}>&-' for lent in _LENT)}"
_OPTIONS = ("--norc", "--noprofile", "--noediting", "-i")
# No history, of which `!` would be a part, and no prompts, whatever the environment says.
_SET_UP = "set +o history +H; unset HISTFILE MAILCHECK PROMPT_COMMAND; PS1= PS2=\n"
_READ_SIZE = 4096


class Memory:
    """A file in memory that other processes of ours find at `path`."""

    def __init__(self, name: str) -> None:
        self.path = Path(f"/proc/{os.getpid()}/fd/{os.memfd_create(name)}")

    def write(self, content: bytes) -> None:
        """Replace what is in it."""
        self.path.write_bytes(content)

    def read(self) -> bytes:
        """Return all that is in it."""
        return self.path.read_bytes()


class Bash:
    """A bash, from its start to its end, which is ours too.

    `interrupted`: what ran last was, or at least somebody tried.
    """

    def __init__(self) -> None:
        self._code = Memory("query")
        commands, self._commands = os.pipe()
        self._reports, reports = os.pipe()
        for descriptor, lent in zip((0, reports, 1, 2), _LENT, strict=True):
            os.dup2(descriptor, lent)
        self._process = subprocess.Popen(
            ("bash", *_OPTIONS),
            stdin=commands,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=_LENT,
        )
        for descriptor in (commands, reports, *_LENT):
            os.close(descriptor)
        self._ended = os.pidfd_open(self._process.pid)
        self._turn = 0
        self.interrupted = False
        self._order(_SET_UP)

    def run(self, code: str) -> int:
        """Return the exit code of a piece of shell code. Where it ends bash, end in the same way.

        An interrupt reaches bash as well: it drops what it is at.
        """
        self._code.write(code.encode("utf-8", "surrogatepass"))
        self._turn += 1
        self.interrupted = False
        before = signal.getsignal(signal.SIGINT)
        try:
            # An interrupt comes before all of this, or behind it.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            self._order(f"\\builtin . {self._code.path} {_LENDING}\n{self._report}")
            signal.signal(signal.SIGINT, self._ask_again)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            return self._wait()
        finally:
            signal.signal(signal.SIGINT, before)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    @property
    def _report(self) -> str:
        return f"\\builtin printf '%d %d\\n' {self._turn} \"$?\" >&{_REPORTS}\n"

    def _order(self, commands: str) -> None:
        os.write(self._commands, commands.encode())

    def _ask_again(self, _: int, __: FrameType | None) -> None:
        self.interrupted = True
        # What was interrupted may have been the report.
        self._order(self._report)

    def _wait(self) -> int:
        said = b""
        while True:
            ready, _, _ = select.select([self._reports, self._ended], [], [])
            if self._reports in ready:
                said += os.read(self._reports, _READ_SIZE)
            *lines, said = said.split(b"\n")
            for turn, exit_code in map(bytes.split, lines):
                if int(turn) == self._turn:
                    return int(exit_code)
            if self._ended in ready:
                self._end()

    def _end(self) -> None:
        exit_code = self._process.wait()
        if exit_code >= 0:
            sys.exit(exit_code)
        with contextlib.suppress(OSError):  # where it can be nothing else
            signal.signal(-exit_code, signal.SIG_DFL)
        os.kill(os.getpid(), -exit_code)
