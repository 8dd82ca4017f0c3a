"""The runner's end of a launcher's control socket: what it orders, what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import LaunchError
from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import StopCause

INTERRUPT = b"i"
TERMINATE = b"t"
KILL = b"k"
NOT_ALONE = b"o"
_END_WORK = b"u"

_CAUSES: dict[bytes, StopCause] = {
    b"wall": "wall-time",
    b"cpu": "cpu-time",
    b"memory": "memory",
    b"processes": "processes",
    b"container": "container",
}

Over: TypeAlias = Callable[[StopCause], None]


@dataclass(frozen=True, slots=True)
class Exit:
    """How a main process ended: `status` as wait(2) gives it."""

    status: int


@dataclass(frozen=True, slots=True)
class Total:
    """What a program and all that it started used, once that is gone: seconds, bytes."""

    cpu_time: float = 0.0
    max_rss: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """What a piece of work has used: seconds of cpu, resident bytes at its end and at most."""

    cpu_time: float
    memory: int
    peak: int


class Control:
    """Orders from one launcher, and hears from it, between `attach` and `detach`.

    `over` is called when a limit is exceeded that the launcher holds.
    """

    def __init__(self, over: Over) -> None:
        self._socket: socket.socket | None = None
        self._over = over
        self._used: asyncio.Future[Used] | None = None
        self.pid = 0
        self.exit: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.total = Total()
        self.all_gone = asyncio.Event()

    def order(self, order: bytes) -> None:
        """Have signals sent; to nobody before `attach` and after the end."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(order)

    def begin_work(self, limits: Limits, *, alone: bool) -> None:
        """Have a piece of work of the program watched: what it exceeds is told, and no more."""
        cpu_us = max(1, int(limits.cpu_time * 1e6)) if limits.cpu_time is not None else 0
        words = (cpu_us, limits.memory or 0, limits.processes or 0, int(alone))
        self.order("w {} {} {} {}".format(*words).encode())

    async def end_work(self) -> Used | None:
        """Return what it has used; None where the launcher has ended."""
        if self._socket is None or self.all_gone.is_set():
            return None
        self._used = used = asyncio.get_running_loop().create_future()
        self.order(_END_WORK)
        gone = asyncio.ensure_future(self.all_gone.wait())
        try:
            await asyncio.wait([used, gone], return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        return used.result() if used.done() else None

    def attach(self, control: socket.socket) -> None:
        """Have a launcher; the socket, which does not block, stays its owner's."""
        self._socket = control
        asyncio.get_running_loop().add_reader(control, self._hear, control)

    def detach(self) -> None:
        """Hear no more; before the socket is closed."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)

    def _hear(self, control: socket.socket) -> None:
        """Take what the launcher tells; it ends when it has reaped the last process."""
        # Reset: it closed with an order unread. What it said is still to be read, at the next call.
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while message := control.recv(256):
                self._understand(message.split())
            self.detach()
            if not self.exit.done():
                self.exit.set_exception(LaunchError("the launcher ended without a word"))
            self.all_gone.set()

    def _understand(self, words: list[bytes]) -> None:
        match words:
            case [b"start", _, pid]:
                self.pid = int(pid)
            case [b"over", what]:
                self._over(_CAUSES[what])
            case [b"usage", cpu_us, memory, peak]:
                if self._used is not None and not self._used.done():
                    self._used.set_result(Used(int(cpu_us) / 1e6, int(memory), int(peak)))
            case [b"exit", status] if not self.exit.done():
                self.exit.set_result(Exit(int(status)))
            case [b"end", cpu_us, rss_kb]:
                self.total = Total(int(cpu_us) / 1e6, int(rss_kb) * 1024)
            case _:
                pass
