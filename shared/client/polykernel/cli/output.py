"""What a run says, on our own stdout and stderr."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

from polykernel.threads import in_thread
from polykernel_runner.protocol import Html, Media, Output

if TYPE_CHECKING:
    from polykernel.result import Result
    from polykernel_runner.protocol import Record

STDOUT, STDERR = 1, 2
# So much can be written at once into a pipe that has room at all.
AT_ONCE = select.PIPE_BUF
TOLD_BY_EXIT_CODE = ("ok", "error", "signal", "interrupted", "skipped")


async def show(record: Record) -> None:
    """Write what a record holds for people, as it is."""
    match record:
        case Output(stream="stdout"):
            await _write(STDOUT, record.data)
        case Output():
            await _write(STDERR, record.data)
        case Media(type=kind) if kind.startswith("text/") and kind != "text/html":
            await _write(STDOUT, f"{record.data.rstrip()}\n".encode())
        case Media():
            await _write(STDERR, f"[{record.type}, {len(record.data)} bytes]\n".encode())
        case Html():
            await _write(STDERR, f"[text/html, {len(record.text)} bytes]\n".encode())
        case _:
            pass


def tell_end(result: Result) -> int:
    """Say on stderr what the exit code does not tell; return the exit code for our own end."""
    if result.build is not None and result.build.verdict not in TOLD_BY_EXIT_CODE:
        complain(f"the build ended: {result.build.verdict}{_because(result.build.reason)}")
    elif result.verdict not in TOLD_BY_EXIT_CODE:
        complain(f"{result.verdict}{_because(result.reason)}")
    if any(result.dropped):
        complain(f"{sum(result.dropped)} bytes of output were dropped: --limit output")
    return result.exit_code if result.exit_code >= 0 else 125


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""


def complain(text: str) -> None:
    """Write a line of ours to stderr."""
    sys.stderr.write(f"polykernel: {text}\n")
    sys.stderr.flush()


async def _write(descriptor: int, data: bytes) -> None:
    # In a thread where it could block: whoever reads us slowly must not stop Ctrl-C.
    if len(data) <= AT_ONCE and select.select([], [descriptor], [], 0)[1]:
        _write_all(descriptor, data)
    else:
        await in_thread(lambda: _write_all(descriptor, data))


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # Another process that has it too made it so.
            select.select([], [descriptor], [])
