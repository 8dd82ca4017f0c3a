"""The messages of one of a Jupyter kernel's channels, understood once, here.

User code has the kernel's keys, for it shares its process. So that a message is signed says
nothing, and what it holds is looked at before it is used.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias, cast

import zmq
from jupyter_client.channels import ZMQSocketChannel

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import SessionBroken
from polykernel_runner.protocol.verdict import Ending
from polykernel_runner.tasks import Readiness

# Seconds: what a kernel that has ended sent before has arrived when none came for so long.
REST_TIME = 0.05

Content: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its type, the id and the type of the request that it is about, its size."""

    kind: str
    parent: str
    parent_kind: str
    content: Content
    size: int

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text of its content.

        Raises:
            SessionBroken: there is none.
        """
        return text_of(self.content, key, default)


def text_of(content: Content, key: str, default: str | None = None) -> str:
    """Return a text of a message's content.

    Raises:
        SessionBroken: there is none.
    """
    value = content.get(key, default)
    if not isinstance(value, str):
        raise SessionBroken(f"sent a message whose {key!r} is not a text")
    return value


class Mailbox:
    """What comes on a channel. One coroutine at a time may wait for it."""

    def __init__(self, channel: ZMQSocketChannel) -> None:
        self._session = channel.session
        self._socket: zmq.Socket[bytes] = cast("zmq.Socket[bytes]", channel.socket)
        self._ready = Readiness(self._socket.FD)

    async def next(self) -> Message:
        """Return the next message.

        Raises:
            SessionBroken: what came is none.
        """
        while True:
            # The descriptor tells of changes only: what has come already has to be looked for.
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                await self._ready.readable()
            else:
                return self._understand(frames)

    def _understand(self, frames: list[bytes]) -> Message:
        try:
            _, parts = self._session.feed_identities(frames)
            message = self._session.deserialize(parts)
            # A kernel that has no parent for a message may say so with a list.
            parent = message["parent_header"] or {}
            header, content = message["header"], message["content"] or {}
            words = (
                header["msg_type"],
                parent.get("msg_id", ""),
                parent.get("msg_type", ""),
            )
        except Exception as error:  # noqa: BLE001 - jupyter_client raises anything
            raise SessionBroken(f"sent a malformed message ({error!r:.100})") from None
        if not isinstance(content, dict) or not all(isinstance(word, str) for word in words):
            raise SessionBroken("sent a message with a header or a content of the wrong type")
        return Message(*words, content, sum(map(len, frames)))

    def look(self) -> None:
        """Look again: who sent on this channel may have heard of what came instead of us."""
        self._ready.wake()


async def arrives(what: asyncio.Future[Any], ended: asyncio.Future[Ending]) -> bool:
    """Wait for something of a kernel's; return False when it has ended and that does not come."""
    await asyncio.wait([what, ended], return_when=asyncio.FIRST_COMPLETED)
    if not what.done():
        await asyncio.wait([what], timeout=REST_TIME)
    return what.done()
