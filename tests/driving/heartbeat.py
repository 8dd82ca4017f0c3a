"""Asks a kernel for its status all the time, and keeps the longest time that an answer took."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from polykernel import Kernel

# Seconds: how long any answer may take, whatever user code does, and the pause between questions.
STATUS_PATIENCE = 0.5
PAUSE = 0.02


class Heartbeat:
    """Asks while its block lasts, if it `beats`."""

    def __init__(self, kernel: Kernel, *, beats: bool = True) -> None:
        self._kernel = kernel
        self._beats = beats
        self._task: asyncio.Task[None] | None = None
        self._worst = 0.0
        # Seconds that this process had to wait for a processor itself, for whoever reads on.
        self.own_lag = 0.0
        self._asked: float | None = None

    @property
    def worst(self) -> float:
        """The seconds that the slowest answer took, also one that is still to come."""
        waiting = 0.0 if self._asked is None else time.monotonic() - self._asked
        return max(self._worst, waiting)

    async def __aenter__(self) -> Self:
        self._task = asyncio.ensure_future(self._beat())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        # What else ended it is what the test finds by itself, and says better.
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._task

    async def _beat(self) -> None:
        while self._beats:
            self._asked = time.monotonic()
            await self._kernel.status()
            self._worst, self._asked = self.worst, None
            answered = time.monotonic()
            await asyncio.sleep(PAUSE)
            self.own_lag = max(self.own_lag, time.monotonic() - answered - PAUSE)
