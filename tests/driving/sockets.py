"""A client that speaks in frames, for what the typed one would never say."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import zmq
import zmq.asyncio

from driving.containers import boxed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from typing_extensions import Self

    from polykernel.endpoint import Endpoint

Frames = list[bytes]
PATIENCE = 30.0


class Sockets:
    """Two sockets to a kernel; with `reads=False` the second is not there before `read`."""

    def __init__(self, endpoint: Endpoint, *, reads: bool = True) -> None:
        self._endpoint = endpoint
        self._context = zmq.asyncio.Context()
        self._requests = self._context.socket(zmq.PUSH)
        self._records = self._context.socket(zmq.PULL)
        self._requests.reconnect_ivl = self._records.reconnect_ivl = 10
        self._requests.connect(endpoint.requests)
        if reads:
            self.read()

    def read(self) -> None:
        """Begin to read."""
        self._records.connect(self._endpoint.records)

    async def send(self, *frames: bytes) -> None:
        await self._requests.send_multipart(frames)

    async def receive(self, patience: float = PATIENCE) -> Frames:
        return await asyncio.wait_for(self._records.recv_multipart(), patience)

    async def until(self, kind: bytes, patience: float = PATIENCE) -> list[Frames]:
        """All messages up to the first of a type."""
        messages = [await self.receive(patience)]
        while messages[-1][0] != kind:
            messages.append(await self.receive(patience))
        return messages

    async def ask(self, *frames: bytes, answer: bytes = b"finished") -> list[Frames]:
        await self.send(*frames)
        return await self.until(answer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._context.destroy(linger=0)


@asynccontextmanager
async def sockets(lang: str) -> AsyncIterator[Sockets]:
    """A container as the client starts it, and raw sockets to it."""
    async with boxed(lang) as box, Sockets(box.endpoint) as peer:
        await peer.ask(b"status", b"", answer=b"status")
        yield peer


def of(kind: bytes, messages: list[Frames]) -> list[Frames]:
    return [message for message in messages if message[0] == kind]


def written(messages: list[Frames], stream: bytes = b"stdout") -> bytes:
    return b"".join(message[1] for message in of(stream, messages))


def ending(messages: list[Frames]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(messages[-1][1])
    return found
