"""The containers of a pool, from before their start until they are gone.

Each has one task, `_keep`, which puts its kernel on the shelf, waits for the end of its one user,
and ends after the container. So no kernel has two users, and who has ended all tasks has ended all
containers.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from polykernel.errors import KernelClosedError, KernelError
from polykernel.lifetime import started
from polykernel.member import Member, PoolStats
from polykernel.shelf import Shelf
from polykernel.threads import all_done
from polykernel.warmup import WarmUp, warm

if TYPE_CHECKING:
    from polykernel.options import StartOptions

log = logging.getLogger("polykernel.pool")


class Stock:
    """Keeps `size` kernels on the shelf, or more for who waits, and `limit` containers at most.

    After a failed start nothing is started until somebody wants a kernel.
    """

    def __init__(
        self, options: StartOptions, warm_up: WarmUp, *, size: int, limit: int, at_once: int
    ) -> None:
        self._options = options
        self._warm_up = warm_up
        self._size = size
        self._limit = limit
        self._at_once = at_once
        self._shelf: Shelf[Member] = Shelf()
        self._tasks: set[asyncio.Task[None]] = set()
        self._members: set[Member] = set()
        self._starting = self._served = self._failed = self._died = 0
        self._failure: Exception | None = None
        self._open = False
        self._changed = asyncio.Event()

    @property
    def stats(self) -> PoolStats:
        """How many there are."""
        return PoolStats(
            idle=self._shelf.ready,
            starting=self._starting,
            taken=len(self._members) - self._shelf.ready,
            ending=len(self._tasks) - len(self._members) - self._starting,
            waiting=self._shelf.waiting,
            served=self._served,
            failed=self._failed,
            died=self._died,
        )

    def resize(self, size: int, limit: int) -> None:
        """Start what is missing then, and end what is too much and not taken."""
        self._size, self._limit = size, limit
        self._trim()
        self._failure = None
        self._fill()

    async def begin(self) -> None:
        """Return when the first kernel is warm.

        Raises:
            Exception: what keeps it from being so.
        """
        self._open = True
        self._fill()
        self._shelf.put(await self._shelf.take(None), first=True)

    async def take(self, seconds: float | None) -> Member:
        """Return a kernel that lives, and that nobody has used.

        Raises:
            asyncio.TimeoutError: there was none within so many seconds.
            Exception: what kept one from starting.
        """
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        first = False
        while True:
            if not self._open:
                raise _closed()
            self._failure = None
            self._fill(coming=not self._shelf.ready)
            rest = None if end is None else max(0, end - loop.time())
            # Who got a dead one is not sent to the end of the queue.
            member = await self._shelf.take(rest, first=first)
            first = True
            if await self._is_good(member):
                self._served += 1
                self._fill()
                return member

    async def _is_good(self, member: Member) -> bool:
        good = False
        try:
            good = await member.lives()
        finally:
            if not good:
                self.end(member)
        return good

    def end(self, member: Member) -> None:
        """From now on nobody can use it; its container is removed soon."""
        self._members.discard(member)
        member.connection.leave()
        member.over.set()

    async def full(self) -> None:
        """Return when nothing is missing.

        Raises:
            Exception: what keeps it from being started.
        """
        while self._starting or self.stats.ending or self._missing() > 0:
            if not self._open:
                raise _closed()
            if self._failure is not None:
                raise self._failure
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        """End all; return when they are gone.

        Raises:
            EngineError: a container could not be removed.
        """
        self._open = False
        while self._shelf.fail(_closed()):
            pass
        self._changed.set()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await all_done(tasks)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()):
                raise error

    def _missing(self, coming: int = 0) -> int:
        waiting = self._shelf.waiting + coming
        wanted = max(self._size, waiting) - self._shelf.ready - self._starting
        return min(wanted, self._limit - len(self._tasks))

    def _fill(self, *, coming: int = 0) -> None:
        """Start what is missing, if there is somebody `coming` for one more."""
        if not self._open or (self._failure and not self._shelf.waiting):
            return
        for _ in range(min(self._missing(coming), self._at_once - self._starting)):
            self._starting += 1
            task = asyncio.create_task(self._keep(), name="polykernel pool")
            self._tasks.add(task)
            task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            # Not by `close`, if it is open: a warm-up may do that, and must not go on for ever.
            if self._open:
                self._fail(KernelError("the start of a kernel was cancelled"))
        elif error := task.exception():
            log.warning("a container of the pool was not removed: %s", error)
        self._changed.set()
        self._fill()

    async def _keep(self) -> None:
        async with AsyncExitStack() as stack:
            member = await self._begin(stack)
            # It may be closed by now: up to Python 3.11 `wait_for` can lose a cancellation.
            if member is None or not self._open:
                return
            self._failure = None
            self._members.add(member)
            member.connection.ended.add_done_callback(lambda _: self._lost(member))
            self._shelf.put(member)
            self._trim()
            self._changed.set()
            self._fill()
            try:
                await member.over.wait()
            finally:
                self._shelf.remove(member)
                self.end(member)

    async def _begin(self, stack: AsyncExitStack) -> Member | None:
        try:
            member = Member(await stack.enter_async_context(started(self._options)))
            await warm(member.kernel, self._warm_up, self._options.start_timeout)
        except Exception as error:  # noqa: BLE001  a warm-up raises anything; it is told on
            self._fail(error)
            return None
        finally:
            self._starting -= 1
        return member

    def _fail(self, error: Exception) -> None:
        self._failed += 1
        self._failure = error
        if not self._shelf.fail(error):
            log.warning("a kernel of the pool did not start: %s", error)
        self._changed.set()

    def _lost(self, member: Member) -> None:
        """Notice that a kernel has ended; if it is taken its user finds out."""
        if self._shelf.remove(member):
            self._died += 1
            log.warning("an idle kernel of the pool has died; it is replaced")
            self.end(member)

    def _trim(self) -> None:
        for member in self._shelf.shrink(self._size):
            self.end(member)


def _closed() -> KernelClosedError:
    return KernelClosedError("the pool is not open; use it inside its `async with`")
