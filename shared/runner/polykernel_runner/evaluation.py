"""One query in a process that lives on: its limits, how it is stopped, what it used."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from typing import Protocol

from polykernel_runner import cgroup
from polykernel_runner.breach import EXIT_TIME, Breach
from polykernel_runner.budget import OutputBudget
from polykernel_runner.errors import SessionBroken
from polykernel_runner.process import Program, Sink
from polykernel_runner.protocol import Limits, Output, Record, StreamName
from polykernel_runner.protocol.verdict import Ending, StopCause
from polykernel_runner.tasks import OwnedTasks, owned_tasks

# Seconds until what was interrupted is interrupted again, and until it is ended.
INTERRUPT_AGAIN = 2.0
KILL_AFTER = 8.0
# Seconds between the signals of an interrupt that is several; closer together they would be one.
INSIST_TIME = 0.05
# Seconds that a query which reached a limit has to end by itself, so that the state is kept.
LIMIT_GRACE = 1.0
# Seconds that a query which printed too much has to end before it is interrupted: most have printed
# all by then, and a signal that comes late is taken by the next query.
OUTPUT_GRACE = 0.05
# Seconds in which a signal has surely been delivered; nobody tells when it was.
SIGNAL_TIME = 0.05
INTERRUPTED_EXIT = 130
# Of a query whose session had to be ended for what it sent.
BROKEN_EXIT = 1


class RecordSink(Sink, Protocol):
    """Where more than a program's output goes."""

    async def show(self, record: Record) -> None:
        """Send a record."""


class Evaluation(ABC):
    """One query. `run` is awaited once; the rest may be called meanwhile.

    `ended` is done when the program has died.
    """

    takes_input = True
    # How many signals the second interrupt is: some take several, close together, for force.
    insistence = 1
    # Whether no other program of the user's runs, so that the container's counters tell of this.
    alone = False

    def __init__(
        self,
        program: Program,
        ended: asyncio.Future[Ending],
        breach: Breach,
        sink: RecordSink,
        limits: Limits,
    ) -> None:
        self._program = program
        self._ended = ended
        self._breach = breach
        self._sink = sink
        self._limits = limits
        self._budget = OutputBudget(limits)
        self._stopped_by: StopCause | None = None
        self._stopping = asyncio.Event()
        self._patience = (INTERRUPT_AGAIN, KILL_AFTER)
        self._escalation: asyncio.Task[None] | None = None
        self._signalled = False
        self._over = False

    def interrupt(self) -> None:
        """Interrupt the query; the process is ended only if it does not listen."""
        self._stop_gently("interrupt", (INTERRUPT_AGAIN, KILL_AFTER))

    def stop(self, cause: StopCause) -> None:
        """End the process, and so the query and the state."""
        self._stopped_by = self._stopped_by or cause
        self._program.stop(cause)

    @abstractmethod
    def input(self, text: str) -> None:
        """Give the query a line."""

    @abstractmethod
    def input_eof(self) -> None:
        """End the query's input."""

    @abstractmethod
    def give(self, stdin: bytes) -> None:
        """Give the query all the input that there will be."""

    @abstractmethod
    async def _evaluate(self, code: str, tasks: OwnedTasks) -> int | None:
        """Pass on what the query shows; return its exit code, or None when the process died.

        Raises:
            SessionBroken: the session did what it must not.
        """

    @abstractmethod
    def _forget_input(self) -> None:
        """Throw away what was typed and nobody has read."""

    async def run(self, code: str) -> Ending:
        """Evaluate code; return how that ended, after all its output. A dead process's ending is
        its own."""
        started, kills = time.monotonic(), cgroup.oom_kills()
        self._program.begin_work(self._limits, self._exceed, alone=self.alone)
        async with owned_tasks() as tasks:
            self._escalation = tasks.start(self._escalate())
            tasks.start(self._enforce_wall_time())
            exit_code = await self._outcome(code, tasks)
        status = (exit_code or 0) << 8
        used = None if exit_code is None else await self._program.end_work()
        if used is not None:
            cpu_time, memory = used.cpu_time, used.peak
        else:
            await asyncio.wait([self._ended])
            dead = self._ended.result()
            cpu_time, memory = dead.cpu_time, dead.max_rss
            if exit_code is None:
                status = dead.wait_status
            if self._breach.reason is not None and (dead.stopped_by is not None or not status):
                status = BROKEN_EXIT << 8
        return Ending(
            wait_status=status,
            stopped_by=self._stopped_by or self._out_of_memory(),
            oom_killed=cgroup.oom_kills() > kills,
            wall_time=time.monotonic() - started,
            cpu_time=cpu_time,
            max_rss=memory,
            dropped_stdout=self._budget.dropped["stdout"],
            dropped_stderr=self._budget.dropped["stderr"],
        )

    async def _outcome(self, code: str, tasks: OwnedTasks) -> int | None:
        exit_code = None
        try:
            exit_code = await self._evaluate(code, tasks)
        except SessionBroken as error:
            self._breach.found(error)
        if self._breach.reason is not None:
            await asyncio.wait([self._ended])
            return None
        if exit_code == 0 and self._signalled:
            # It ended without having heard of that; the next query shall not.
            await asyncio.wait([self._ended], timeout=SIGNAL_TIME)
        return exit_code

    def _end_has_come(self) -> None:
        """Have nothing interrupt the process from now on: it would hit the next query."""
        self._over = True
        if self._escalation is not None:
            self._escalation.cancel()

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Pass on what the process or a child of it wrote, within the limit."""
        kept = self._budget.take(stream, data)
        self._check_budget()
        if kept:
            await self._sink.output(stream, kept)

    async def waiting(self, is_password: bool = False) -> None:
        """Pass on that the query is blocked reading its input."""
        await self._sink.waiting(is_password)

    async def _show(self, record: Record | None) -> None:
        if isinstance(record, Output):
            await self.output(record.stream, record.data)
        elif record is not None:
            size = len(getattr(record, "data", "") or getattr(record, "text", ""))
            if self._budget.take_whole(size):
                await self._sink.show(record)
            self._check_budget()

    async def _end_process(self) -> None:
        """Return when the process, which has begun to end, is gone."""
        await asyncio.wait([self._ended], timeout=EXIT_TIME)
        self._program.stop("shutdown")
        await asyncio.wait([self._ended])

    def _check_budget(self) -> None:
        if self._budget.kills:
            self._stop_gently("output", (LIMIT_GRACE, 0.0))

    def _stop_gently(self, cause: StopCause, patience: tuple[float, float]) -> None:
        if self._over and cause != "output":
            return  # it came too late to be why the query ended
        if self._stopped_by is None:
            self._stopped_by = cause
            self._patience = patience
            self._forget_input()
            self._stopping.set()

    async def _escalate(self) -> None:
        await self._stopping.wait()
        again, kill = self._patience
        if self._stopped_by == "output":
            await asyncio.wait([self._ended], timeout=OUTPUT_GRACE)
        self._signalled = True
        self._program.send_interrupt()
        await asyncio.wait([self._ended], timeout=again)
        for _ in range(self.insistence):
            self._program.send_interrupt()
            await asyncio.wait([self._ended], timeout=INSIST_TIME)
        await asyncio.wait([self._ended], timeout=kill)
        self._program.stop(self._stopped_by or "interrupt")

    async def _enforce_wall_time(self) -> None:
        if self._limits.wall_time is not None:
            await asyncio.wait([self._ended], timeout=self._limits.wall_time)
            if not self._ended.done():
                self._stop_gently("wall-time", (LIMIT_GRACE, 0.0))

    def _out_of_memory(self) -> StopCause | None:
        return "container" if self._program.stopped_by == "container" else None

    def _exceed(self, cause: StopCause) -> None:
        if cause == "cpu-time":
            self._stop_gently(cause, (LIMIT_GRACE, 0.0))
        else:
            self.stop(cause)

    def no_longer_alone(self) -> None:
        """Hear that another program of the user's runs beside the session from now on."""
        self._program.no_longer_alone()
