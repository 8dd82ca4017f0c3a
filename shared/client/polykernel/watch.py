"""Notices that ZeroMQ has given a connection up for good.

A peer that goes away is looked for again, and that is told as well: a retry follows at once. After
one that broke the rules, as by a message larger than is allowed, nothing follows: ZeroMQ says
nothing more, and receives nothing more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import zmq
import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

if TYPE_CHECKING:
    from collections.abc import Callable

# ZeroMQ's thread tells of a retry in the same breath; this machine may be busy.
PATIENCE_MS = 1000


class Watch:
    """Over a socket that connects to one address, from before it does so until `close`."""

    def __init__(self, socket: zmq.asyncio.Socket, on_given_up: Callable[[], None]) -> None:
        self._socket = socket
        self._on_given_up = on_given_up
        self._events = socket.get_monitor_socket(
            zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_CONNECTED
        )
        self._follower = asyncio.get_running_loop().create_task(
            self._follow(), name="polykernel watch"
        )

    async def _follow(self) -> None:
        while True:
            message = parse_monitor_message(await self._events.recv_multipart())
            if message["event"] != zmq.EVENT_DISCONNECTED:
                continue
            if not await self._events.poll(PATIENCE_MS):
                self._on_given_up()
                return

    def close(self) -> None:
        """Look away; the socket can be closed then.

        At once: whoever leaves a kernel may be cancelled while he does, and what of ZeroMQ is not
        closed keeps its context from ending.
        """
        self._follower.cancel()
        self._socket.disable_monitor()
        self._events.close(0)
