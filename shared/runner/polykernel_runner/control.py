"""The runner's end of a launcher's control socket: what it orders, what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import LaunchError

INTERRUPT = b"i"
TERMINATE = b"t"
KILL = b"k"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a main process ended: `status` as wait(2) gives it, seconds, bytes."""

    status: int
    cpu_time: float
    max_rss: int


class Control:
    """Orders from one launcher, and hears from it, between `attach` and `detach`."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._listening = False
        self.watcher = 0
        self.pid = 0
        self.started = asyncio.Event()
        self.exit: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.all_gone = asyncio.Event()

    def order(self, order: bytes) -> None:
        """Have signals sent; to nobody before `attach` and after the end."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(order)

    def attach(self, control: socket.socket) -> None:
        """Have a launcher; the socket, which does not block, stays its owner's."""
        self._socket = control
        self._listening = True
        asyncio.get_running_loop().add_reader(control, self._hear, control)

    def fail_with(self, work: asyncio.Future[Any]) -> None:
        """Fail to hear of the exit, if work that is done has failed."""
        if not work.cancelled() and (error := work.exception()) and not self.exit.done():
            self.exit.set_exception(error)

    def detach(self) -> None:
        """Hear no more; before the socket is closed."""
        if self._listening and self._socket is not None:
            self._listening = False
            asyncio.get_running_loop().remove_reader(self._socket)

    def _hear(self, control: socket.socket) -> None:
        """Take what the launcher tells; it ends when it has reaped the last process."""
        with contextlib.suppress(BlockingIOError):
            while self._listening:
                try:
                    message = control.recv(256)
                except ConnectionResetError:
                    continue  # it closed with an order unread; what it said is still to be read
                self._understand(message.split())

    def _understand(self, words: list[bytes]) -> None:
        if not words:
            if not self.exit.done():
                self.exit.set_exception(LaunchError("the launcher ended without a word"))
            self.all_gone.set()
            self.detach()
        elif words[0] == b"start":
            self.watcher, self.pid = map(int, words[1:])
            self.started.set()
        elif words[0] == b"exit" and not self.exit.done():
            status, cpu_us, rss_kb = map(int, words[1:])
            self.exit.set_result(Exit(status, cpu_us / 1e6, rss_kb * 1024))
