"""A kernel's replies, each handed to who asked."""

from __future__ import annotations

import asyncio

from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.mailbox import Message
from polykernel_runner.jupyter.messages import arrives


class Replies:
    """Reads the shell channel. `collect` is its one task."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._expected: dict[str, asyncio.Future[Message]] = {}

    async def collect(self) -> None:
        """Hand out replies until cancelled."""
        while True:
            message = await self._kernel.replies.next()
            future = self._expected.get(message["parent_header"].get("msg_id", ""))
            if future is not None and not future.done():
                future.set_result(message["content"])

    def expect(self, request: str) -> None:
        """Keep the reply to a request that has just been sent for `to`."""
        self._expected[request] = asyncio.get_running_loop().create_future()
        self._kernel.replies.look()

    async def to(self, request: str) -> Message | None:
        """Return the content of the reply to a request, or None when the kernel has ended."""
        future = self._expected[request]
        try:
            return future.result() if await arrives(future, self._kernel) else None
        finally:
            self._expected.pop(request, None)
