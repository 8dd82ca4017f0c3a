"""Where records wait until their reader takes them, and when more may be fetched.

The rule of `Demand`: records are fetched from the kernel as long as somebody waits for one, or
less than `bound` bytes wait to be taken. So a slow reader slows the program down, memory stays
bounded, and nobody can wait for something that is never fetched: whoever waits for what comes
behind output that is not being read has that output kept in memory meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from polykernel_runner.protocol import Html, Log, Media, OtherRecord, Output, Record

if TYPE_CHECKING:
    from collections.abc import Callable

# What a record weighs beside its text.
OVERHEAD = 200


class Demand:
    """Tells the one who fetches when to go on."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._held = 0
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._wanted.set()

    @property
    def held(self) -> int:
        """Bytes that wait to be taken."""
        return self._held

    def change(self, *, held: int = 0, waiting: int = 0) -> None:
        """Add to the bytes that wait to be taken, and to the readers that wait for a record."""
        self._held += held
        self._waiting += waiting
        if self._waiting or self._held < self._bound:
            self._wanted.set()
        else:
            self._wanted.clear()

    async def wanted(self) -> None:
        """Return when more may be fetched."""
        await self._wanted.wait()


class Mailbox:
    """The records of one request, in order. `is_last` tells the one that ends them."""

    def __init__(self, demand: Demand, is_last: Callable[[Record], bool]) -> None:
        self._demand = demand
        self._is_last = is_last
        self._records: deque[Record] = deque()
        self._waiters: list[asyncio.Future[None]] = []
        self._error: Exception | None = None
        self.ended = False

    def put(self, record: Record) -> None:
        """Add a record; the last one ends the mailbox."""
        self._records.append(record)
        self._demand.change(held=_weight(record))
        self.ended = self._is_last(record)
        self._wake()

    def fail(self, error: Exception) -> None:
        """Let `take` raise `error`, after what has arrived."""
        if not self.ended:
            self.ended = True
            self._error = error
            self._wake()

    def discard(self) -> None:
        """Forget what has arrived."""
        self._demand.change(held=-sum(map(_weight, self._records)))
        self._records.clear()

    async def take(self) -> Record | None:
        """Return the next record, or None behind the last one."""
        while not self._records:
            if self._error is not None:
                raise self._error
            if self.ended:
                return None
            await self._arrival()
        record = self._records.popleft()
        self._demand.change(held=-_weight(record))
        return record

    async def _arrival(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._demand.change(waiting=1)
        try:
            await waiter
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                self._demand.change(waiting=-1)

    def _wake(self) -> None:
        # At once, not when the waiter runs again: else the reader would go on without measure.
        waiters, self._waiters = self._waiters, []
        self._demand.change(waiting=-len(waiters))
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _weight(record: Record) -> int:
    match record:
        case Output():
            return OVERHEAD + len(record.data)
        case Media():
            return OVERHEAD + len(record.data)
        case Html() | Log():
            return OVERHEAD + len(record.text)
        case OtherRecord():
            return OVERHEAD + len(record.payload)
        case _:
            return OVERHEAD
