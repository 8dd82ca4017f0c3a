"""Things that are ready to be taken, and who waits for one: both in order, first come first."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Nobody waits while something is ready."""

    def __init__(self) -> None:
        self._ready: deque[T] = deque()
        self._takers: deque[asyncio.Future[T]] = deque()

    @property
    def ready(self) -> int:
        """How many things can be taken."""
        return len(self._ready)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._takers)

    def put(self, item: T, *, first: bool = False) -> None:
        """Give it to who waits longest, or keep it, as the `first` to be taken or the last."""
        if self._takers:
            self._takers.popleft().set_result(item)
        elif first:
            self._ready.appendleft(item)
        else:
            self._ready.append(item)

    def remove(self, item: T) -> bool:
        """Take it away; False if it is not here."""
        if item not in self._ready:
            return False
        self._ready.remove(item)
        return True

    def shrink(self, most: int) -> list[T]:
        """Take away what is ready latest, so that no more than `most` are left."""
        return [self._ready.pop() for _ in range(len(self._ready) - most)]

    def fail(self, error: Exception) -> bool:
        """Let who waits longest raise an error; False if nobody does."""
        if not self._takers:
            return False
        self._takers.popleft().set_exception(error)
        return True

    async def take(self, seconds: float | None, *, first: bool = False) -> T:
        """Take what is ready longest, or wait; who is `first` before others that wait.

        Raises:
            asyncio.TimeoutError: nothing came within so many seconds.
        """
        if self._ready:
            return self._ready.popleft()
        taker: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if first:
            self._takers.appendleft(taker)
        else:
            self._takers.append(taker)
        try:
            await asyncio.wait([taker], timeout=seconds)
        except asyncio.CancelledError:
            self._leave(taker)
            raise
        if not taker.done():
            self._leave(taker)
            raise asyncio.TimeoutError
        return taker.result()

    def _leave(self, taker: asyncio.Future[T]) -> None:
        if not taker.done():
            self._takers.remove(taker)
        elif taker.exception() is None:
            self.put(taker.result(), first=True)
