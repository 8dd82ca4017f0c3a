"""What a kernel publishes, kept until a run sends it on."""

from __future__ import annotations

import asyncio
from collections import deque

from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.mailbox import Message, arrives
from polykernel_runner.jupyter.replies import Replies

# Bytes that may wait here before no more are taken from the kernel.
MOST = 1024 * 1024
# What a small message takes in memory beside its bytes.
LEAST_SIZE = 1024
# Requests about which nothing is published but that the kernel was busy with them.
_UNHEARD = ("complete_request", "inspect_request", "is_complete_request")


class Published:
    """The messages of a kernel's iopub channel that are about the current query, in order.

    While too much waits here, what follows waits in the kernel, and so does who prints there. What
    is about nothing current comes from what an earlier query left behind, and is dropped at once:
    where it waited, the kernel would soon drop what it publishes about the next query.
    """

    def __init__(self, kernel: Kernel, asked: Replies, replies: Replies) -> None:
        self._kernel = kernel
        self._asked = asked
        self._replies = replies
        self._waiting: deque[tuple[Message, int]] = deque()
        self._bytes = 0
        self._taken = asyncio.Event()
        self._arrived = asyncio.Event()
        self._marks: dict[str, asyncio.Event] = {}
        self._current: str | None = None

    def begin(self, request: str) -> None:
        """Keep what is published about a request that has just been sent."""
        self._current = request
        self._waiting.clear()
        self._bytes = 0
        self._taken.set()

    def end(self) -> None:
        """Keep nothing any more."""
        self._current = None
        self._taken.set()

    async def collect(self) -> None:
        """Read until cancelled.

        Raises:
            SessionBroken: what came is no message.
        """
        while True:
            message = await self._kernel.published.next()
            if message.parent_kind in _UNHEARD:
                if is_idle(message):
                    self._replies.over(message.parent)
            elif message.parent == self._current or message.parent in self._marks:
                await self._keep(message)
            # A kernel that publishes all the time would never let the loop see an interrupt.
            await asyncio.sleep(0)

    async def _keep(self, message: Message) -> None:
        size = max(message.size, LEAST_SIZE)
        self._waiting.append((message, size))
        self._bytes += size
        self._arrived.set()
        while self._bytes > MOST and self._current is not None:
            self._taken.clear()
            await self._taken.wait()

    async def next(self) -> Message | None:
        """Return the next message, or None when the kernel has ended and none is left."""
        while not self._waiting:
            self._arrived.clear()
            arrival = asyncio.ensure_future(self._arrived.wait())
            try:
                if not await arrives(arrival, self._kernel.ended):
                    return None
            finally:
                arrival.cancel()
        message, size = self._waiting.popleft()
        self._bytes -= size
        self._taken.set()
        if mark := self._marks.get(message.parent):
            mark.set()
        return message

    async def caught_up(self) -> None:
        """Return when all that was published until now has been taken and dealt with.

        A prompt comes on another channel, and would overtake what was printed before it. So the
        kernel is asked something: what it publishes about that comes behind.

        Raises:
            SessionBroken: the kernel does not read what it is sent.
        """
        question = self._kernel.ask_about_itself()
        self._asked.expect(question)
        self._marks[question] = mark = asyncio.Event()
        try:
            await self._asked.to(question)
            await mark.wait()
        finally:
            del self._marks[question]


def is_idle(message: Message) -> bool:
    """Return whether a message says that the kernel has done with a request.

    Raises:
        SessionBroken: it is a status without a state.
    """
    return message.kind == "status" and message.text("execution_state") == "idle"
