"""The runner's end of a launcher's control socket: what it orders, what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import LaunchError
from polykernel_runner.tasks import Readiness

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
    """Hears from one launcher, once it is attached. `listen` is its one task."""

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

    async def listen(self) -> None:
        """Take what the launcher tells, until it has reaped the last process and ended."""
        control = self._socket
        if control is None:
            raise ValueError("no launcher is attached")
        ready = Readiness(control.fileno())
        while True:
            try:
                message = control.recv(256).split()
            except BlockingIOError:
                await ready.readable()
                continue
            except ConnectionResetError:
                continue  # it closed with an order unread; what it said is still to be read
            if not message:
                if not self.exit.done():
                    self.exit.set_exception(LaunchError("the launcher ended without a word"))
                self.all_gone.set()
                return
            if message[0] == b"start":
                self.watcher, self.pid = map(int, message[1:])
                self.started.set()
            elif message[0] == b"exit" and not self.exit.done():
                status, cpu_us, rss_kb = map(int, message[1:])
                self.exit.set_result(Exit(status, cpu_us / 1e6, rss_kb * 1024))
