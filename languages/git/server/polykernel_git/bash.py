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

from polykernel_git.interrupts import Strike

if TYPE_CHECKING:
    from types import FrameType

# Where bash has what it lends to queries; its own begin at 10 and at 255.
_LENT = (_INPUT, _REPORTS, _OUTPUT, _ERRORS) = (240, 241, 242, 243)
_LENDING = f"<&{_INPUT} >&{_OUTPUT} 2>&{_ERRORS} {' '.join(f'{lent}>&-' for lent in _LENT)}"
_OPTIONS = ("--norc", "--noprofile", "--noediting", "-i")
# Bash goes on after an interrupt that its child made nothing of, and a child that is not yet what
# it will be loses it. So bash interrupts itself, when told to, at the next place between commands.
_DROP = signal.SIGRTMIN + 1
_SET_UP = (
    # No history, of which `!` would be a part, and no prompts, whatever the environment says.
    "set +o history +H; unset HISTFILE MAILCHECK PROMPT_COMMAND; PS1= PS2=; "
    f"trap '\\builtin kill -INT $$' {_DROP}\n"
)
_READ_SIZE = 4096
# Seconds between looks whether all that is to end does.
_PAUSE = 0.05


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

    `interrupted`: somebody interrupted what ran last.
    """

    def __init__(self) -> None:
        self._code = Memory("query")
        self._interrupts = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
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
            # An interrupt is for us, and passed on.
            start_new_session=True,
        )
        for descriptor in (commands, reports, *_LENT):
            os.close(descriptor)
        self._ended = os.pidfd_open(self._process.pid)
        self._turn = 0
        self._said = b""
        self.interrupted = False
        self._order(_SET_UP)

    def run(self, code: str) -> int:
        """Return the exit code of shell code. Where that ends bash, end in the same way."""
        self._code.write(code.encode("utf-8", "surrogatepass"))
        self.interrupted = False
        before = signal.signal(signal.SIGINT, self._on_interrupt)
        try:
            exit_code = self._do(f"\\builtin . {self._code.path} {_LENDING}\n")
            if self.interrupted:
                self._do("")  # until it has dropped what it had to
        finally:
            signal.signal(signal.SIGINT, before)
        return exit_code

    def _do(self, command: str) -> int:
        """Have bash do a command and say how it ended."""
        self._turn += 1
        report = f"\\builtin printf '%d %d\\n' {self._turn} \"$?\" >&{_REPORTS}\n"
        self._order(command + report)
        strike = Strike(self._process.pid)
        while True:
            watched = [self._reports, self._ended, self._interrupts]
            ready, _, _ = select.select(watched, [], [], _PAUSE if self.interrupted else None)
            if self._reports in ready and (exit_code := self._read()) is not None:
                return exit_code
            if self._ended in ready:
                self._end()
            if self._interrupts in ready:
                os.eventfd_read(self._interrupts)
                self.interrupted = True
                strike = Strike(self._process.pid)
                self._process.send_signal(_DROP)
            if self.interrupted:
                strike.again()
                self._order(report)  # which may have been dropped, too

    def _read(self) -> int | None:
        """Return what bash says of how the present command ended."""
        self._said += os.read(self._reports, _READ_SIZE)
        *lines, self._said = self._said.split(b"\n")
        for turn, exit_code in map(bytes.split, lines):
            if int(turn) == self._turn:
                return int(exit_code)
        return None

    def _order(self, commands: str) -> None:
        os.write(self._commands, commands.encode())

    def _on_interrupt(self, _: int, __: FrameType | None) -> None:
        os.eventfd_write(self._interrupts, 1)

    def _end(self) -> None:
        exit_code = self._process.wait()
        if exit_code >= 0:
            sys.exit(exit_code)
        with contextlib.suppress(OSError):  # where it can be nothing else
            signal.signal(-exit_code, signal.SIG_DFL)
        os.kill(os.getpid(), -exit_code)
