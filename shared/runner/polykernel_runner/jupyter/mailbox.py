"""The messages of one of a Jupyter kernel's channels."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import zmq
from jupyter_client.channels import ZMQSocketChannel

from polykernel_runner.tasks import Readiness

Message: TypeAlias = dict[str, Any]


class Mailbox:
    """What comes on a channel. One coroutine at a time may wait for it."""

    def __init__(self, channel: ZMQSocketChannel) -> None:
        self._session = channel.session
        self._socket: zmq.Socket[bytes] = cast("zmq.Socket[bytes]", channel.socket)
        self._ready = Readiness(self._socket.FD)

    async def next(self) -> Message:
        """Return the next message."""
        while True:
            # The descriptor tells of changes only: what has come already has to be looked for.
            _, message = self._session.recv(self._socket, zmq.NOBLOCK)
            if message is not None:
                return message
            await self._ready.readable()

    def look(self) -> None:
        """Look again: who sent on this channel may have heard of what came instead of us."""
        self._ready.wake()
