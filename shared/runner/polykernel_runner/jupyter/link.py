"""Whether a channel is connected to its kernel.

ZeroMQ connects and connects again, or gives a channel up where something came that it does not
take, and says nothing; what was under way would be waited for in vain.
"""

from __future__ import annotations

import asyncio
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

from polykernel_runner.breach import EXIT_TIME
from polykernel_runner.errors import SessionBroken
from polykernel_runner.protocol.verdict import Ending
from polykernel_runner.sockets import Receiver

# Seconds in which ZeroMQ has surely tried to connect again, if it does; see RECONNECT_TIME.
AGAIN_TIME = 0.5
_HEARD = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_CONNECT_RETRIED
    | zmq.EVENT_CONNECTED
)


class Link:
    """What is heard of one socket's connection, from before it connects."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._events = Receiver(socket.get_monitor_socket(_HEARD))

    async def opens(self) -> None:
        """Return when it is connected: what a kernel sends to nobody yet it drops."""
        while await self._next() != zmq.EVENT_HANDSHAKE_SUCCEEDED:
            pass

    async def holds(self, ended: asyncio.Future[Ending]) -> None:
        """Return when it is lost because the kernel has ended.

        Raises:
            SessionBroken: it is lost, and the kernel lives on.
        """
        while await self._next() != zmq.EVENT_DISCONNECTED:
            pass
        # To who hung up it connects again, but not to who sent what it does not take.
        again = asyncio.ensure_future(self._next())
        try:
            either: list[asyncio.Future[Any]] = [again, ended]
            await asyncio.wait(either, timeout=AGAIN_TIME, return_when=asyncio.FIRST_COMPLETED)
            if again.done() and again.result() == zmq.EVENT_CONNECT_RETRIED:
                # A kernel that ends closes its channels first.
                await asyncio.wait([ended], timeout=EXIT_TIME)
            sent_too_much = not again.done()
        finally:
            again.cancel()
        if not ended.done():
            raise SessionBroken(
                "sent a message that is too large" if sent_too_much else "broke off a channel"
            )

    async def _next(self) -> int:
        return int(parse_monitor_message(await self._events.receive())["event"])
