"""Says which processes were killed for want of memory: they cannot say it themselves."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable

from polykernel_runner.census import Census, Departed
from polykernel_runner.cgroup import MemoryCgroup
from polykernel_runner.dataclass import dataclass

log = logging.getLogger(__name__)

# Seconds between looks: at least while a run has its turn, or memory runs low; while programs only
# wait for something to do, as a query kernel does; and where there are none.
TICK = 0.1
WAITING_TICK = 1.0
IDLE_TICK = 5.0
QUIET_LOOKS = 10
# What part of the time may be spent looking, and what part where memory runs low.
SHARE = 1 / 200
PRESSED_SHARE = 1 / 20
# Seconds: how long a killed process may take to go, and how old a report may be that the host's
# word is taken to mean.
PATIENCE = 2.0
RECENT = 10.0
MOST_NAMED = 10


@dataclass(slots=True)
class Case:
    """Kills to be explained: how many, None for as many as have gone; times in seconds."""

    kills: int | None
    since: float
    opened: float


class OomWatch:
    """Watches the processes below one, by default below the runner. `serve` is its one task.

    `launcher` is the path of polykernel-launch; `busy` says whether a run has its turn.
    """

    def __init__(
        self,
        launcher: str,
        busy: Callable[[], bool],
        *,
        root: int | None = None,
        memory: MemoryCgroup | None = None,
    ) -> None:
        self._busy = busy
        self._census = Census(root or os.getpid(), launcher)
        self._memory = memory or MemoryCgroup()
        self._kills = self._memory.oom_kills()
        self._case: Case | None = None
        self._told = self._reported = self._looked = -RECENT
        self._due = 0.0
        self._quiet = 0
        self._pressed = False
        self._pause = TICK
        self._call = asyncio.Event()
        self._explained = asyncio.Event()

    def wake(self) -> None:
        """Hear that programs may be started."""
        if self._pause > TICK:
            self._call.set()

    def told(self, event: str) -> None:
        """Hear the host say that something happened: `oom` is that processes were killed."""
        if event != "oom":
            log.info("the host tells of %r", event)
            return
        now = time.monotonic()
        if self._kills is None and self._case is None:
            self._case = Case(kills=None, since=now - PATIENCE, opened=now)
        elif now - self._reported > RECENT:
            self._told = now
        self._call.set()

    def ended(self) -> None:
        """Hear that a launcher has ended a program because the container's memory ran out."""
        if self._case is None:
            self._case = Case(kills=1, since=self._looked, opened=time.monotonic())

    async def settled(self) -> bool:
        """Wait until all has been said of who was killed until now; return whether anybody was."""
        self._count(time.monotonic())
        if self._case is None:
            return False
        self._explained.clear()
        self._call.set()
        await self._explained.wait()
        return True

    async def serve(self) -> None:
        """Look again and again until cancelled; seldom where no programs run."""
        while True:
            self.look()
            idle = self._census.alone and not self._is_asked()
            self._quiet = self._quiet + 1 if idle else 0
            self._pause = self._choose_pause()
            try:
                await asyncio.wait_for(self._call.wait(), self._pause)
            except asyncio.TimeoutError:
                continue
            self._call.clear()
            self._quiet = 0

    def _choose_pause(self) -> float:
        if self._quiet >= QUIET_LOOKS:
            return IDLE_TICK
        if self._census.alone or self._busy() or self._pressed or self._is_asked():
            return TICK
        return WAITING_TICK

    def _is_asked(self) -> bool:
        return self._case is not None or self._told > 0

    def look(self) -> None:
        """Look once, and say what there is to say."""
        now = time.monotonic()
        self._count(now)
        if now >= self._due or self._case is not None:
            self._census.take()
            self._pressed = self._memory.is_over_half()
            share = PRESSED_SHARE if self._pressed else SHARE
            self._due = now + max(TICK, (time.monotonic() - now) / share)
        if self._case is not None:
            self._explain(self._case, now)
        elif 0 < self._told < now - PATIENCE:
            log.warning("out of memory, says the host; but nothing was killed for it here")
            self._told = -RECENT
        self._looked = now

    def _count(self, now: float) -> None:
        kills = self._memory.oom_kills()
        if kills is not None and self._kills is not None and kills > self._kills:
            if self._case is None:
                self._case = Case(kills=0, since=self._looked, opened=now)
            self._case.kills = (self._case.kills or 0) + kills - self._kills
        self._kills = kills

    def _explain(self, case: Case, now: float) -> None:
        gone = [one for one in self._census.departed if one.noticed >= case.since]
        gone.sort(key=lambda one: one.process.memory, reverse=True)
        wanted = 1 if case.kills is None else case.kills
        # One look more than is needed: something small may have gone first by itself.
        if now - case.opened < (PATIENCE if len(gone) < wanted else TICK):
            return
        self._report(case, gone[:MOST_NAMED] if case.kills is None else gone[:wanted])
        if len(gone) < wanted:
            log.error("out of memory: %d killed that came and went unseen", wanted - len(gone))
        self._case = None
        self._explained.set()
        self._told, self._reported = -RECENT, now
        self._census.departed.clear()

    def _report(self, case: Case, victims: list[Departed]) -> None:
        # The kernel takes the largest, and of that it is sure where it counts.
        what = "killed" if case.kills is not None else "says the host; gone is"
        for victim in victims:
            log.error("out of memory: %s %s", what, victim)
