"""Waiting for descriptors, and tasks that cannot outlive who started them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Readiness:
    """Waits until a descriptor can be read or written; `release` ends all waiting for good."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waiter: asyncio.Future[None] | None = None
        self.released = False

    async def readable(self) -> None:
        """Return when there is something to read, or after `release`."""
        loop = asyncio.get_running_loop()
        if self.released:
            return
        self._waiter = loop.create_future()
        loop.add_reader(self._fd, _wake, self._waiter)
        try:
            await self._waiter
        finally:
            loop.remove_reader(self._fd)

    async def writable(self) -> None:
        """Return when something can be written, or after `release`."""
        loop = asyncio.get_running_loop()
        if self.released:
            return
        self._waiter = loop.create_future()
        loop.add_writer(self._fd, _wake, self._waiter)
        try:
            await self._waiter
        finally:
            loop.remove_writer(self._fd)

    def release(self) -> None:
        """End the waiting, now and from now on."""
        self.released = True
        self.wake()

    def wake(self) -> None:
        """End the waiting that there is."""
        if self._waiter is not None:
            _wake(self._waiter)


@asynccontextmanager
async def owned_tasks() -> AsyncIterator[OwnedTasks]:
    """Tasks that are cancelled and gathered when the block is left.

    (asyncio.TaskGroup waits for its tasks instead, and needs Python 3.11.)
    """
    tasks = OwnedTasks()
    try:
        yield tasks
    finally:
        await tasks.cancel()


class OwnedTasks:
    """A set of tasks with one owner."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        """Start a task; it is cancelled at the latest when the owner ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self, patience: float) -> None:
        """Wait until all have ended; cancel those that have not after so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        await self.cancel()

    async def cancel(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        # And what is started meanwhile; what is done stays among them until the loop's next turn.
        while left := [task for task in self._tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
