"""The sockets of the protocol: binds them, receives requests, sends records."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import zmq

from polykernel_runner.config import Access
from polykernel_runner.errors import ConfigError
from polykernel_runner.identity import acting_as, owner_of
from polykernel_runner.protocol import Record, encode_record
from polykernel_runner.sockets import Receiver, Sender
from polykernel_runner.tasks import Readiness

if TYPE_CHECKING:
    from typing_extensions import Self
    from zmq.auth.asyncio import AsyncioAuthenticator

# Records that may wait in the socket; beyond, the program waits. They are up to 256 KiB each.
SEND_HIGH_WATER = 32
# Milliseconds that closing may wait for a reader to take what was sent.
LINGER = 500
# The names of the sockets, and of their ports in intrinsic-ports.json.
TCP_PORTS = {"in": "replin", "out": "replout", "term-in": "termin", "term-out": "termout"}
# Milliseconds: how often it is seen to that who looks at the terminal is still there.
HEARTBEAT = 5000
CURVE_DOMAIN = "polykernel"


class Channel:
    """The kernel's four sockets. Use as an async context manager, made where the loop runs.

    Raises:
        ConfigError: an address cannot be bound, or the CURVE keys cannot be read.
    """

    def __init__(self, access: Access, ports: Mapping[str, int]) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._requests = self._context.socket(zmq.PULL)
        self._records = self._context.socket(zmq.PUSH)
        self._records.setsockopt(zmq.SNDHWM, SEND_HIGH_WATER)
        self._keys = self._context.socket(zmq.SUB)
        self._keys.subscribe(b"")
        # Who looks on gets all that is drawn, and a shell that draws faster waits.
        self._screen = self._context.socket(zmq.XPUB)
        self._screen.setsockopt(zmq.SNDHWM, SEND_HIGH_WATER)
        self._screen.setsockopt(zmq.XPUB_NODROP, 1)
        self._screen.setsockopt(zmq.XPUB_VERBOSE, 1)  # tells also of who comes second
        self._screen.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT)
        self._screen.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * HEARTBEAT)
        self._screen_changed = asyncio.Event()
        self._incoming = Receiver(self._requests)
        self._outgoing = Sender(self._records)
        self._typed = Receiver(self._keys)
        self._sockets: Mapping[str, zmq.Socket[bytes]] = {
            "in": self._requests,
            "out": self._records,
            "term-in": self._keys,
            "term-out": self._screen,
        }
        self._authenticator: AsyncioAuthenticator | None = None
        try:
            if access.ipc_directory is not None:
                self._bind_ipc(access.ipc_directory)
            if access.curve_directory is not None:
                self._require_keys(access.curve_directory)
            if access.tcp != "none":
                for name, port in TCP_PORTS.items():
                    self._bind(self._sockets[name], f"tcp://*:{ports[port]}")
        except BaseException:
            for socket in self._sockets.values():
                socket.close(linger=0)
            self._context.destroy(linger=0)
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for socket in self._sockets.values():
            socket.close(linger=LINGER if socket is self._records else 0)
        if self._authenticator is not None:
            self._authenticator.stop()
        self._context.term()

    async def receive(self) -> list[bytes]:
        """Return the frames of the next request."""
        return await self._incoming.receive()

    async def send(self, record: Record, run_id: bytes | None = None) -> None:
        """Send a record; wait while its reader is slow or not there."""
        await self._outgoing.send(encode_record(record, run_id))

    async def keystrokes(self) -> bytes:
        """Return what is typed into the terminal next."""
        return b"".join(await self._typed.receive())

    async def draw(self, data: bytes) -> None:
        """Send what the terminal draws; wait while somebody who looks on is slow."""
        while not self._try_to_draw(data):
            self._screen_changed.clear()
            await self._screen_changed.wait()

    async def greet_viewers(self) -> None:
        """Send an empty frame whenever somebody begins to look on, until cancelled.

        Who has got it knows that no more will be missed.
        """
        ready = Readiness(self._screen.FD)
        while True:
            await ready.readable()
            self._notice()

    def _notice(self) -> None:
        """Take notice of who has come, and of what has been read."""
        came = False
        while int(self._screen.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            came |= self._screen.recv()[:1] == b"\x01"
        self._screen_changed.set()
        if came:
            with contextlib.suppress(zmq.Again):
                self._screen.send(b"", zmq.NOBLOCK)

    def _try_to_draw(self, data: bytes) -> bool:
        # Sending, too, takes notice, and then nothing wakes us: so it is done before and behind.
        self._notice()
        try:
            self._screen.send(data, zmq.NOBLOCK)
        except zmq.Again:
            return False
        self._notice()
        return True

    def _bind(self, socket: zmq.Socket[bytes], address: str) -> None:
        try:
            socket.bind(address)
        except zmq.ZMQError as error:
            raise ConfigError(f"cannot serve {address}: {error}") from error

    def _bind_ipc(self, directory: Path) -> None:
        # The sockets, too, belong to who may open the directory, and to nobody else.
        umask = os.umask(0o077)
        try:
            with acting_as(owner_of(directory)):
                for name, socket in self._sockets.items():
                    self._bind(socket, f"ipc://{directory}/{name}")
        finally:
            os.umask(umask)

    def _require_keys(self, directory: Path) -> None:
        from zmq.auth import load_certificate
        from zmq.auth.asyncio import AsyncioAuthenticator

        clients = directory / "clients"
        try:
            with acting_as(owner_of(directory)):
                public, secret = load_certificate(directory / "server.key_secret")
                if secret is None:
                    raise ValueError("server.key_secret holds no secret key")
                if not any(clients.glob("*.key")):
                    raise ValueError("clients/ holds no *.key, so nobody could enter")
                self._authenticator = AsyncioAuthenticator(self._context)
                self._authenticator.start()
                self._authenticator.configure_curve(domain=CURVE_DOMAIN, location=clients)
        except (OSError, ValueError) as error:
            raise ConfigError(f"the CURVE keys in {directory} cannot be used: {error}") from error
        for socket in self._sockets.values():
            # Of the addresses of a socket this concerns those that are bound after it.
            socket.curve_publickey, socket.curve_secretkey = public, secret
            socket.curve_server = True
            socket.zap_domain = CURVE_DOMAIN.encode()
