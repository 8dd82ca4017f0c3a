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

if TYPE_CHECKING:
    from collections.abc import Callable

    from polykernel_runner.protocol import Record

# What a record weighs beside its bytes on the wire.
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
        # Each with its weight.
        self._records: deque[tuple[Record, int]] = deque()
        self._waiters: list[asyncio.Future[None]] = []
        self._error: Exception | None = None
        self.held = 0
        self.ended = False

    def put(self, record: Record, size: int) -> None:
        """Add a record of so many bytes; the last one ends the mailbox."""
        weight = OVERHEAD + size
        self._records.append((record, weight))
        self._hold(weight)
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
        self._records.clear()
        self._hold(-self.held)

    def _hold(self, weight: int) -> None:
        self.held += weight
        self._demand.change(held=weight)

    async def take(self) -> Record | None:
        """Return the next record, or None behind the last one."""
        while not self._records:
            if self._error is not None:
                raise self._error
            if self.ended:
                return None
            await self._arrival()
        record, weight = self._records.popleft()
        self._hold(-weight)
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
