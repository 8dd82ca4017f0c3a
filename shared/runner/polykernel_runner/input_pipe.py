"""The program's standard input: what is typed ahead, and when the program waits for more."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Awaitable, Callable

from polykernel_runner.tasks import Readiness

_PIPE_SIZE = 65536
# What the launcher takes for "look no more": all else that it hears is one byte.
_REST = b"\0\0"


class InputPipe:
    """Writes to a pipe what it is given, as the program takes it.

    `given` is all there will be; without it lines may be put at any time. With the launcher's watch
    socket it calls `waiting` once for each time that the program blocks for input, after
    `caught_up` has returned: all that was printed before has been passed on. The number that goes
    with each input tells a look of the watcher that came before it from one that came after.
    A renewable pipe serves one piece of work after the other: see `renew`.
    """

    def __init__(
        self,
        given: bytes | None,
        waiting: Callable[[], Awaitable[None]],
        caught_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._queue: deque[bytes] = deque()
        self._eof = False
        if given is not None:
            self._queue.append(given)
            self._eof = True
        self._waiting = waiting
        self._caught_up = caught_up
        self._changed = asyncio.Event()
        self._turn = 0
        self._renewals = 0
        self._fd: int | None = None
        self._reader: int | None = None
        self._watch: socket.socket | None = None
        self._closed = False

    def open(self, fd: int, watch: socket.socket | None) -> None:
        """Begin to write to a pipe, which is owned from now on."""
        self._fd = fd
        self._watch = watch
        if self._eof and not any(self._queue):
            self._queue.clear()
            self._end()

    @property
    def is_ended(self) -> bool:
        """Whether the program has been given all there will be."""
        return self._eof and self._fd is None

    def make_renewable(self) -> None:
        """Make `renew` possible."""
        # A second end to read from, with flags of its own.
        self._reader = self._open_again(self._fd, os.O_RDONLY)

    def _open_again(self, fd: int | None, mode: int) -> int:
        return os.open(f"/proc/self/fd/{fd}", mode | os.O_NONBLOCK)

    def renew(self) -> None:
        """Begin anew: what nobody has read is dropped, and an end of the input undone."""
        if self._reader is None or self._closed:
            return
        self._queue.clear()
        self._eof = False
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reader, _PIPE_SIZE):
                pass
        self._renewals += 1
        if self._fd is None:
            self._fd = self._open_again(self._reader, os.O_WRONLY)
        self._next_turn()
        self._changed.set()

    def rest(self) -> None:
        """Have nobody look whether the program waits, until there is input or `renew`."""
        if self._watch is not None:
            with contextlib.suppress(OSError):
                self._watch.send(_REST)

    def put(self, data: bytes) -> None:
        """Queue bytes for the program; after its end or `put_eof` they are dropped."""
        if not self._closed and not self._eof:
            self._queue.append(data)
            self._changed.set()

    def put_eof(self) -> None:
        """End the input behind what is queued."""
        self._eof = True
        self._changed.set()

    def discard(self) -> None:
        """Throw away what is queued."""
        self._queue.clear()

    def close(self) -> None:
        """Close the pipe; the program reads its end."""
        self._closed = True
        self._queue.clear()
        self._end()
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None

    def _end(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    async def feed(self) -> None:
        """Write what is queued until the end of the input or of the program."""
        while True:
            while self._queue:
                if not await self._write(self._queue.popleft()):
                    self.close()
                    return
                self._next_turn()
            if self._eof:
                self._end()
            self._changed.clear()
            await self._changed.wait()

    async def watch(self) -> None:
        """Pass on when the program waits, until the watcher is gone."""
        if self._watch is None:
            return
        ready = Readiness(self._watch.fileno())
        while True:
            try:
                turn = self._watch.recv(1)
            except BlockingIOError:
                await ready.readable()
                continue
            except ConnectionError:
                return
            if not turn:
                return
            if self._is_fresh(turn[0]):
                await self._caught_up()  # a prompt comes before what says that it waits
            if self._is_fresh(turn[0]):
                await self._waiting()

    def _is_fresh(self, turn: int) -> bool:
        return turn == self._turn and not self._queue and self._fd is not None

    async def _write(self, data: bytes) -> bool:
        view, renewals = memoryview(data), self._renewals
        while view and self._fd is not None and renewals == self._renewals:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                await Readiness(self._fd).writable()
            except BrokenPipeError:
                return False
        return not self._closed

    def _next_turn(self) -> None:
        self._turn = (self._turn + 1) % 256
        if self._watch is not None:
            with contextlib.suppress(OSError):
                self._watch.send(bytes([self._turn]))
