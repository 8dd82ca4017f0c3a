"""The sockets of the protocol: binds them, receives requests, sends records."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import zmq
import zmq.asyncio

from polykernel_runner.config import Access
from polykernel_runner.errors import ConfigError
from polykernel_runner.identity import acting_as, owner_of
from polykernel_runner.protocol import Record, encode_record

if TYPE_CHECKING:
    from typing_extensions import Self
    from zmq.auth.asyncio import AsyncioAuthenticator

# Records that may wait in the socket; beyond, the program waits. They are up to 256 KiB each.
SEND_HIGH_WATER = 32
# Milliseconds that closing may wait for a reader to take what was sent.
LINGER = 500
CURVE_DOMAIN = "polykernel"


class Channel:
    """The kernel's two sockets. Use as an async context manager, made where the loop runs.

    Raises:
        ConfigError: an address cannot be bound, or the CURVE keys cannot be read.
    """

    def __init__(self, access: Access, ports: Mapping[str, int]) -> None:
        self._context = zmq.asyncio.Context()
        self._requests = self._context.socket(zmq.PULL)
        self._records = self._context.socket(zmq.PUSH)
        self._records.setsockopt(zmq.SNDHWM, SEND_HIGH_WATER)
        self._authenticator: AsyncioAuthenticator | None = None
        try:
            if access.ipc_directory is not None:
                self._bind_ipc(access.ipc_directory)
            if access.curve_directory is not None:
                self._require_keys(access.curve_directory)
            if access.tcp != "none":
                self._bind(self._requests, f"tcp://*:{ports['replin']}")
                self._bind(self._records, f"tcp://*:{ports['replout']}")
        except BaseException:
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
        self._requests.close(linger=0)
        self._records.close(linger=LINGER)
        if self._authenticator is not None:
            self._authenticator.stop()
        self._context.term()

    async def receive(self) -> list[bytes]:
        """Return the frames of the next request."""
        return await self._requests.recv_multipart()

    async def send(self, record: Record, run_id: bytes | None = None) -> None:
        """Send a record; wait while its reader is slow or not there."""
        frames: Sequence[bytes] = encode_record(record, run_id)
        await self._records.send_multipart(frames, copy=len(frames[1]) < zmq.COPY_THRESHOLD)

    def _bind(self, socket: zmq.asyncio.Socket, address: str) -> None:
        try:
            socket.bind(address)
        except zmq.ZMQError as error:
            raise ConfigError(f"cannot serve {address}: {error}") from error

    def _bind_ipc(self, directory: Path) -> None:
        # The sockets, too, belong to who may open the directory, and to nobody else.
        umask = os.umask(0o077)
        try:
            with acting_as(owner_of(directory)):
                self._bind(self._requests, f"ipc://{directory}/in")
                self._bind(self._records, f"ipc://{directory}/out")
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
        for socket in (self._requests, self._records):
            # Of the addresses of a socket this concerns those that are bound after it.
            socket.curve_publickey, socket.curve_secretkey = public, secret
            socket.curve_server = True
            socket.zap_domain = CURVE_DOMAIN.encode()
