"""Whether a kernel's channels hold."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

from polykernel_runner.errors import SessionBroken
from polykernel_runner.evaluation import EXIT_TIME
from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.sockets import Receiver

# Seconds in which ZeroMQ has surely tried to connect again, if it does; see RECONNECT_TIME.
AGAIN_TIME = 0.5
_HEARD = zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_CONNECTED


def channels_hold(kernel: Kernel) -> Iterator[Coroutine[Any, Any, None]]:
    """Return what is to be done to hear of a channel that is lost while the kernel lives on.

    ZeroMQ would connect again, or give the channel up where something came that it does not take,
    and say nothing; what was under way would be waited for in vain.
    """
    client = kernel.client
    for channel in (
        client.iopub_channel,
        client.shell_channel,
        client.stdin_channel,
        client.control_channel,
    ):
        yield _holds(channel.socket.get_monitor_socket(_HEARD), kernel)


async def _holds(monitor: zmq.Socket[bytes], kernel: Kernel) -> None:
    events = Receiver(monitor)
    while await _next(events) != zmq.EVENT_DISCONNECTED:
        pass
    # ZeroMQ connects again to who has hung up, but not to who sent what it does not take.
    again = asyncio.ensure_future(_next(events))
    try:
        either: list[asyncio.Future[Any]] = [again, kernel.ended]
        await asyncio.wait(either, timeout=AGAIN_TIME, return_when=asyncio.FIRST_COMPLETED)
        if again.done() and again.result() != zmq.EVENT_CONNECTED:
            # A kernel that ends closes its channels first.
            await asyncio.wait([kernel.ended], timeout=EXIT_TIME)
        sent_too_much = not again.done()
    finally:
        again.cancel()
    if not kernel.ended.done():
        raise SessionBroken(
            "sent a message that is too large" if sent_too_much else "broke off a channel"
        )


async def _next(events: Receiver) -> int:
    return int(parse_monitor_message(await events.receive())["event"])
