"""Our standard input, passed on to the program."""

from __future__ import annotations

import asyncio
import codecs
import os
import stat
from typing import TYPE_CHECKING

from polykernel.errors import OptionError
from polykernel.files import LARGEST

if TYPE_CHECKING:
    from polykernel.kernel import Kernel

CHUNK = 65536
# What is read while the container starts; if it is all, it is sent with the run.
READ_EARLY = 1 << 20
# Bytes sent on that the program has not yet been seen waiting for.
AHEAD = 256 << 10


class StandardInput:
    """A file descriptor, read without changing its settings, which others may share."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._early: list[bytes] = []
        self._ended = False
        self._room = asyncio.Event()

    async def read_early(self) -> None:
        """Read what comes before the program runs, up to a bound; nothing from a terminal."""
        size, most = 0, _most(self._descriptor)
        while not self._ended and size < most:
            chunk = await self._read()
            self._early.append(chunk)
            size += len(chunk)
            self._ended = not chunk

    def all_of_it(self) -> bytes | None:
        """Return the whole input, if it has ended already."""
        return b"".join(self._early) if self._ended else None

    def wanted(self) -> None:
        """Note that the program waits for input."""
        self._room.set()

    async def pass_on(self, kernel: Kernel) -> None:
        """Send line after line, and the end.

        Raises:
            OptionError: it is not UTF-8, which the protocol's `input` has to be.
        """
        decoder = codecs.getincrementaldecoder("utf-8")()
        line, ahead = "", 0
        while True:
            chunk = self._early.pop(0) if self._early else await self._read()
            try:
                text = line + decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                raise OptionError("stdin is not UTF-8; give it as a file: < FILE") from None
            lines, newline, line = text.rpartition("\n") if chunk else (text, "", "")
            if lines or newline:
                ahead = await self._wait_for_room(ahead) + len(lines)
                await kernel.input(lines + newline)
            if not chunk:
                await kernel.input_eof()
                return

    async def _wait_for_room(self, ahead: int) -> int:
        if ahead > AHEAD:
            await self._room.wait()
        if self._room.is_set():
            self._room.clear()
            return 0
        return ahead

    async def _read(self) -> bytes:
        loop = asyncio.get_running_loop()
        readable: asyncio.Future[None] = loop.create_future()
        try:
            loop.add_reader(self._descriptor, _set, readable)
        except PermissionError:  # A plain file is always readable, so nobody can wait for it.
            return os.read(self._descriptor, CHUNK)
        try:
            await readable
        finally:
            loop.remove_reader(self._descriptor)
        return os.read(self._descriptor, CHUNK)


def _set(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)


def _most(descriptor: int) -> int:
    if os.isatty(descriptor):
        return 0
    plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
    return LARGEST if plain else READ_EARLY
