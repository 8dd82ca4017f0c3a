"""What a kernel publishes, kept until a run sends it on."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.mailbox import Message

# Bytes that may wait here before no more are taken from the kernel.
MOST = 1024 * 1024
# Requests about which nothing is published but that the kernel was busy with them.
_UNHEARD = ("complete_request", "inspect_request", "is_complete_request")
# Seconds: what a kernel that has ended sent before has arrived when none came for so long.
REST_TIME = 0.05


class Published:
    """The messages of a kernel's iopub channel, in order.

    While too much waits here, what follows waits in the kernel, and so does who prints there.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._waiting: deque[tuple[Message, int]] = deque()
        self._bytes = 0
        self._taken = asyncio.Event()
        self._arrived = asyncio.Event()
        self._marks: dict[str, asyncio.Event] = {}

    async def collect(self) -> None:
        """Read until cancelled."""
        while True:
            message = await self._kernel.published.next()
            if message["parent_header"].get("msg_type") in _UNHEARD:
                continue
            size = _size(message)
            self._waiting.append((message, size))
            self._bytes += size
            self._arrived.set()
            while self._bytes > MOST:
                self._taken.clear()
                await self._taken.wait()
            # A kernel that publishes all the time would never let the loop see an interrupt.
            await asyncio.sleep(0)

    async def next(self) -> Message | None:
        """Return the next message, or None when the kernel has ended and none is left."""
        while not self._waiting:
            self._arrived.clear()
            if not await arrives(asyncio.ensure_future(self._arrived.wait()), self._kernel):
                return None
        message, size = self._waiting.popleft()
        self._bytes -= size
        self._taken.set()
        if mark := self._marks.pop(message["parent_header"].get("msg_id", ""), None):
            mark.set()
        return message

    async def caught_up(self) -> None:
        """Return when all that was published until now has been taken and dealt with.

        A prompt comes on another channel, and would overtake what was printed before it. So the
        kernel is asked something: what it publishes about that comes behind.
        """
        client = self._kernel.client
        question = client.session.msg("kernel_info_request")
        self._marks[question["header"]["msg_id"]] = mark = asyncio.Event()
        client.control_channel.send(question)
        await self._kernel.control.next()
        await mark.wait()


async def arrives(what: asyncio.Future[Any], kernel: Kernel) -> bool:
    """Wait for something of a kernel's; return False when it has ended and that does not come."""
    try:
        await asyncio.wait([what, kernel.ended], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([what], timeout=REST_TIME)
        return what.done()
    finally:
        what.cancel()


def _size(message: Message) -> int:
    content = message["content"]
    if message["msg_type"] == "stream":
        return len(content["text"])
    return sum(len(str(value)) for value in content.get("data", {}).values())
