"""The runner's end of a launcher's control socket: what it orders, what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket

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
        if words[0] == b"start":
            self.watcher, self.pid = map(int, words[1:])
            self.started.set()
        elif words[0] == b"exit" and not self.exit.done():
            status, cpu_us, rss_kb = map(int, words[1:])
            self.exit.set_result(Exit(status, cpu_us / 1e6, rss_kb * 1024))
