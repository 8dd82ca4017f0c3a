"""The sockets to one kernel: how they are made, and what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zmq
import zmq.asyncio

from polykernel.endpoint import TcpEndpoint
from polykernel.threads import in_thread

if TYPE_CHECKING:
    from polykernel.bounds import Bounds
    from polykernel.endpoint import Endpoint

# Messages that ZeroMQ keeps beside what waits in this process; at full speed they are 64 KiB each.
HIGH_WATER = 8
# A kernel that starts is looked for this often.
RETRY_MS = 5
# Bytes of what comes in over a socket for going out: handshakes and subscriptions.
MOST_BACK = 64 << 10


class Sockets:
    """Makes them; `close` when all have been closed."""

    def __init__(self, endpoint: Endpoint, bounds: Bounds) -> None:
        self._endpoint = endpoint
        self._bounds = bounds
        self._context = zmq.asyncio.Context()

    def sender(self, kind: int) -> zmq.asyncio.Socket:
        """Return a socket that is there to send, not yet connected."""
        return self._make(kind, MOST_BACK)

    def receiver(self, kind: int) -> zmq.asyncio.Socket:
        """Return a socket that is there to receive, not yet connected; see `Watch`."""
        return self._make(kind, self._bounds.largest_record)

    def _make(self, kind: int, most: int) -> zmq.asyncio.Socket:
        endpoint = self._endpoint
        socket = self._context.socket(kind)
        socket.linger = 0
        socket.rcvhwm = HIGH_WATER
        socket.reconnect_ivl = RETRY_MS
        # Of each frame. ZeroMQ breaks the connection before it makes room for a larger one.
        socket.maxmsgsize = most
        if isinstance(endpoint, TcpEndpoint) and endpoint.keys:
            socket.curve_serverkey = endpoint.keys.server_public
            socket.curve_publickey = endpoint.keys.public
            socket.curve_secretkey = endpoint.keys.secret
        return socket

    async def close(self) -> None:
        """Return when what was to be sent is sent, or its time is over."""
        await in_thread(self._context.term)
