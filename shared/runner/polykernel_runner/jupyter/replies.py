"""A kernel's replies on one channel, each handed to who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from polykernel_runner.errors import SessionBroken
from polykernel_runner.jupyter.mailbox import Mailbox, Message, arrives
from polykernel_runner.protocol.verdict import Ending


class Replies:
    """Reads a channel. `collect` is its one task.

    One reply to each of the `questions` may come as well; nobody waits for those.
    """

    def __init__(
        self, mailbox: Mailbox, ended: asyncio.Future[Ending], questions: Iterable[str] = ()
    ) -> None:
        self._mailbox = mailbox
        self._ended = ended
        self._expected: dict[str, asyncio.Future[Message]] = {}
        self._over: set[str] = set()
        self._unheard = set(questions)
        self._changed = asyncio.Event()

    @property
    def are_under_way(self) -> bool:
        """Whether any question has not been answered, or that nobody has heard the answer."""
        return bool(self._expected)

    async def collect(self) -> None:
        """Hand out replies until cancelled.

        Raises:
            SessionBroken: one came that nobody had asked for.
        """
        while True:
            message = await self._mailbox.next()
            future = self._expected.get(message.parent)
            if future is not None and not future.done():
                future.set_result(message)
                self._changed.set()
            elif message.parent in self._unheard:
                self._unheard.discard(message.parent)
            else:
                raise SessionBroken(f"sent a {message.kind:.40} that nobody had asked for")

    def expect(self, request: str) -> None:
        """Keep the reply to a request that has just been sent for `to`."""
        self._expected[request] = asyncio.get_running_loop().create_future()
        self._mailbox.look()

    async def to(self, request: str) -> Message | None:
        """Return the reply to a request, or None when the kernel has ended.

        Who stops waiting leaves it under way.
        """
        future = self._expected[request]
        reply = future.result() if await arrives(future, self._ended) else None
        self._expected.pop(request, None)
        return reply

    def over(self, request: str) -> None:
        """Hear that the kernel has done with a request: it may have been interrupted instead."""
        if request in self._expected:
            self._over.add(request)
            self._changed.set()

    async def answered(self) -> None:
        """Return when the kernel has done with all that it was asked."""
        while not all(
            future.done() or request in self._over for request, future in self._expected.items()
        ):
            self._changed.clear()
            await self._changed.wait()
        # A reply comes by another channel than what says that the kernel has done with it.
        self._unheard.update(
            request for request, future in self._expected.items() if not future.done()
        )
        self._expected.clear()
        self._over.clear()
