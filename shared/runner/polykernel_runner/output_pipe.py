"""A program's stdout or stderr: read as it comes, passed on as it is taken."""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import termios
from collections.abc import Awaitable, Callable

from polykernel_runner.tasks import Readiness

READ_SIZE = 256 * 1024


class OutputPipe:
    """Passes what is read to `emit`, a piece at a time; the program waits while that does."""

    def __init__(self, fd: int, emit: Callable[[bytes], Awaitable[None]]) -> None:
        self._fd = fd
        self._emit = emit
        self._ready = Readiness(fd)
        self._read = 0
        self._emitted = 0
        self._progress = asyncio.Event()
        self._ended = False

    async def pump(self) -> None:
        """Read until the end, or, after `release`, until nothing more is there."""
        try:
            while data := await self._next():
                self._read += len(data)
                await self._emit(data)
                self._emitted += len(data)
                self._progress.set()
                # A fast writer and a fast reader would never let the loop see an interrupt.
                await asyncio.sleep(0)
        finally:
            self._ended = True
            self._progress.set()

    async def _next(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, READ_SIZE)
            except BlockingIOError:
                if self._ready.released:
                    return b""
                await self._ready.readable()

    async def caught_up(self) -> None:
        """Return when all that was written until now has been passed on."""
        if self._ended:
            return
        waiting = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.FIONREAD, waiting)
        target = self._read + waiting[0]
        while self._emitted < target and not self._ended:
            self._progress.clear()
            await self._progress.wait()

    def release(self) -> None:
        """Wait no more: nobody is left to write."""
        self._ready.release()
