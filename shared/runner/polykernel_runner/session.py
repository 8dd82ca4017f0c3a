"""The query engine of languages whose queries a process evaluates that lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from signal import SIGINT
from typing import Protocol, TypeAlias

from polykernel_runner.breach import Breach
from polykernel_runner.errors import JobRefused
from polykernel_runner.evaluation import BROKEN_EXIT, Evaluation, RecordSink
from polykernel_runner.foreground import Foreground
from polykernel_runner.process import Program
from polykernel_runner.protocol import (
    AssistanceRecord,
    AssistanceRequest,
    Finished,
    Job,
    Limits,
    State,
    StreamName,
)
from polykernel_runner.protocol.verdict import Ending, finished, not_run


class Session(Protocol):
    """A process that evaluates queries, from its start to its end."""

    program: Program
    output: DirectOutput
    breach: Breach

    def evaluation(self, sink: RecordSink, limits: Limits) -> Evaluation:
        """Begin a query."""

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord | None:
        """Answer a question about code, or say nothing."""

    async def close(self) -> None:
        """End the process."""


class DirectOutput:
    """What a session's process and its children write themselves goes to the run there is.

    Where there is none it waits, and so does who writes it.
    """

    def __init__(self) -> None:
        self._sink: RecordSink | Evaluation | None = None
        self._closed = False
        self._dropping = False
        self._changed = asyncio.Event()

    def attach(self, sink: RecordSink | Evaluation | None) -> None:
        """Let output go to a run's sink, or wait for one."""
        self._sink = sink
        self._changed.set()

    async def drop_waiting(self, program: Program) -> None:
        """Drop what has been written until now: that was for no run."""
        self._dropping = True
        self._changed.set()
        await program.caught_up()
        self._dropping = False

    def close(self) -> None:
        """Drop what comes from now on: the process is being ended."""
        self._closed = True
        self._changed.set()

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Pass it on."""
        while self._sink is None and not self._closed and not self._dropping:
            self._changed.clear()
            await self._changed.wait()
        if self._sink is not None:
            await self._sink.output(stream, data)

    async def waiting(self, is_password: bool = False) -> None:
        """Pass it on, if a run there is."""
        if self._sink is not None:
            await self._sink.waiting(is_password)


SessionMaker: TypeAlias = Callable[[DirectOutput], Awaitable[Session]]


class SessionEngine:
    """Evaluates queries in one session, made when it is needed, as long as that lives.

    `keeps_state` is whether a query finds what earlier ones made.
    """

    def __init__(
        self, make: SessionMaker, foreground: Foreground, *, keeps_state: bool = True
    ) -> None:
        self._make = make
        self._foreground = foreground
        self._keeps_state = keeps_state
        self._session: Session | None = None
        self._starting = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._evaluating = False

    @property
    def state(self) -> State:
        """What the next query will find of the earlier ones."""
        if self._session is None or not self._keeps_state:
            return "none"
        return "lost" if self._session.program.exited or self._session.breach.reason else "kept"

    async def evaluate(self, job: Job, foreground: Foreground, sink: RecordSink) -> Finished:
        """Evaluate a job's code.

        Raises:
            JobRefused: it asks for what a process that runs already cannot be given.
            LaunchError: the process did not start.
        """
        _check(job)
        self._evaluating = True
        try:
            return await self._evaluate(job, foreground, sink)
        finally:
            self._evaluating = False

    async def _evaluate(self, job: Job, foreground: Foreground, sink: RecordSink) -> Finished:
        if self._session is not None and (reason := self._session.breach.reason):
            # Since the last query, whose ending said that this one would find what it made.
            await self.close()
            return self._lost(not_run("exec", "error", BROKEN_EXIT, reason))
        session = await self._ready(sink)
        try:
            evaluation = session.evaluation(sink, job.limits)
            session.output.attach(evaluation)
            if job.stdin is not None:
                evaluation.give(job.stdin)
            if foreground.stopped_by is not None:
                not_begun = Ending(wait_status=SIGINT, stopped_by=foreground.stopped_by)
                return finished("exec", not_begun, job.limits, self.state)
            evaluation.alone = foreground.is_counted
            foreground.enter(evaluation)
            try:
                ending = await evaluation.run(job.code or "")
            finally:
                foreground.leave()
            done = finished("exec", ending, job.limits, self.state)
            if reason := session.breach.reason:
                done = replace(done, reason=reason)
            if session.program.exited:
                await self.close()
                done = self._lost(done)
            return done
        finally:
            session.output.attach(None)

    def _lost(self, done: Finished) -> Finished:
        return replace(done, state="lost") if self._keeps_state else done

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord | None:
        """Answer a question about code; None while a query runs, behind which it would wait.

        Raises:
            LaunchError: the process did not start.
        """
        async with self._asking:
            if self._busy():
                return None
            session = await self._ready(None)
            return None if self._busy() else await session.assist(request)

    def _busy(self) -> bool:
        # The next query is to hear of a breach, so nothing takes that session's place before.
        broken = self._session is not None and self._session.breach.reason is not None
        return self._evaluating or broken

    async def close(self) -> None:
        """End the session; the next query starts another."""
        async with self._starting:
            await self._close()

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            self._foreground.session = None

    async def _ready(self, sink: RecordSink | None) -> Session:
        """Return the session there is, or start one; what it prints goes to the sink."""
        async with self._starting:
            if self._session is not None and self._session.program.exited:
                await self._close()
            if self._session is None:
                output = DirectOutput()
                output.attach(sink)
                self._session = await self._make(output)
                self._foreground.session = self._session.program
            elif sink is not None:
                await self._session.output.drop_waiting(self._session.program)
                self._session.output.attach(sink)
            return self._session


def _check(job: Job) -> None:
    asked = {
        "args": job.args,
        "env": job.env,
        "limits.fileSize": job.limits.file_size,
    }
    for name, value in asked.items():
        if value:
            raise JobRefused(f"a query runs in a kernel that is there already; it takes no {name}")
