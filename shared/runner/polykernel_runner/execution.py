"""The queue of runs: one after the other, each answered exactly once, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from dataclasses import dataclass, replace
from signal import SIGINT, SIGKILL
from typing import Protocol, TypeAlias

from polykernel_runner.batch import Batch
from polykernel_runner.channel import Channel
from polykernel_runner.errors import JobRefused, LaunchError
from polykernel_runner.foreground import Foreground
from polykernel_runner.language import JupyterKernel, Snippet
from polykernel_runner.protocol import (
    Finished,
    Job,
    Output,
    Record,
    Reset,
    RunJob,
    RunQuery,
    RunStep,
    State,
    Step,
    StreamName,
    WaitingInput,
)
from polykernel_runner.protocol.verdict import NOTHING_TO_RUN, RUNNER_FAILED, not_run
from polykernel_runner.runtime import Runtime

log = logging.getLogger(__name__)

# Seconds that a run has to end by itself when the kernel is shut down.
STOP_TIME = 1.0
LAST_WORD_TIME = 0.2
SHUT_DOWN_EXIT = 128 + SIGKILL


@dataclass(frozen=True, slots=True)
class BadRun:
    """A run request that did not parse; it has its place in the queue, and an answer."""

    step: Step
    reason: str


Work: TypeAlias = RunStep | RunQuery | RunJob | Reset | BadRun


@dataclass(slots=True, eq=False)
class Run:
    """Something queued: what to do, the client's name for it, and whether it was cancelled."""

    work: Work
    run_id: bytes | None
    cancelled: bool = False

    @property
    def step(self) -> Step:
        """Which ending record answers it."""
        return self.work.step if isinstance(self.work, RunStep | BadRun) else "exec"


class QueryEngine(Protocol):
    """What evaluates queries."""

    @property
    def state(self) -> State:
        """What the next query will find of the earlier ones."""

    async def evaluate(self, job: Job, foreground: Foreground, sink: RunSink) -> Finished:
        """Evaluate a job's code."""

    async def close(self) -> None:
        """Forget everything."""


class RunSink:
    """Sends what a run produces, under its run id."""

    def __init__(self, channel: Channel, run_id: bytes | None) -> None:
        self._channel = channel
        self._run_id = run_id

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Send output; the program waits meanwhile."""
        await self._channel.send(Output(stream, data), self._run_id)

    async def waiting(self, is_password: bool = False) -> None:
        """Say that the program waits for input."""
        await self._channel.send(WaitingInput(is_password), self._run_id)

    async def show(self, record: Record) -> None:
        """Send any record."""
        await self._channel.send(record, self._run_id)


class Execution:
    """Takes runs and does them in order. `serve` is its one task."""

    def __init__(self, runtime: Runtime, channel: Channel) -> None:
        self._runtime = runtime
        self._channel = channel
        self._foreground = Foreground()
        self._batch = Batch(runtime, self._foreground)
        self._engine: QueryEngine | None = None
        self._queue: deque[Run] = deque()
        self._arrived = asyncio.Event()
        self._current: Run | None = None
        self._idle = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether a run has its turn."""
        return self._current is not None

    @property
    def queued(self) -> int:
        """How many runs wait for theirs."""
        return len(self._queue)

    def submit(self, work: Work, run_id: bytes | None) -> None:
        """Put a run at the end of the queue."""
        self._queue.append(Run(work, run_id))
        self._idle.clear()
        self._arrived.set()

    def interrupt(self) -> None:
        """Stop what runs now."""
        if self._current is not None:
            self._foreground.interrupt()

    def input(self, text: str) -> None:
        """Give a line to what runs now."""
        if self._current is not None:
            self._foreground.input(text)

    def input_eof(self) -> None:
        """End the input of what runs now."""
        if self._current is not None:
            self._foreground.input_eof()

    def cancel(self, run_id: bytes) -> bool:
        """Stop the run of that id, now or before its turn; return whether there is one."""
        if self._current is not None and self._current.run_id == run_id:
            self._foreground.interrupt()
            return True
        for run in self._queue:
            if run.run_id == run_id:
                run.cancelled = True
                return True
        return False

    async def serve(self) -> None:
        """Do runs until cancelled."""
        while True:
            while not self._queue:
                self._idle.set()
                self._arrived.clear()
                await self._arrived.wait()
            self._current = run = self._queue.popleft()
            self._foreground.begin()
            try:
                await self._answer(run)
            finally:
                self._current = None

    async def stop(self, serving: asyncio.Task[None]) -> None:
        """End what runs, answer what waits, and end the task that serves."""
        for run in self._queue:
            run.cancelled = True
        if self._current is not None:
            self._foreground.stop("shutdown")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._idle.wait(), STOP_TIME)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        if self._engine is not None:
            await self._engine.close()
        self._runtime.workspace.remove_private()

    async def _answer(self, run: Run) -> None:
        sink = RunSink(self._channel, run.run_id)
        try:
            ending = await self._end(run, sink)
        except asyncio.CancelledError:
            late = not_run(run.step, "interrupted", SHUT_DOWN_EXIT, "the kernel was shut down")
            await asyncio.wait_for(sink.show(late), LAST_WORD_TIME)
            raise
        if self._engine is not None and ending.state == "none":
            ending = replace(ending, state=self._engine.state)
        await sink.show(ending)

    async def _end(self, run: Run, sink: RunSink) -> Finished:
        step = run.step
        if run.cancelled:
            return not_run(step, "interrupted", 128 + SIGINT, "cancelled before its turn")
        try:
            return await self._do(run.work, sink)
        except JobRefused as error:
            await sink.output("stderr", f"{error}\n".encode())
            return not_run(step, "refused", NOTHING_TO_RUN, str(error))
        except LaunchError as error:
            log.error("%s", error)
            return not_run(step, "internal", RUNNER_FAILED, str(error))
        except Exception as error:
            log.exception("a run failed")
            return not_run(step, "internal", RUNNER_FAILED, f"the runner failed: {error!r}")

    async def _do(self, work: Work, sink: RunSink) -> Finished:
        match work:
            case RunStep():
                done = await self._batch.step(work.step, work.command, Job(), sink)
                return done or not_run(work.step, "skipped", 0, "the language has no such step")
            case RunQuery():
                return await self._query(Job(code=work.code), sink)
            case RunJob():
                return await self._job(work.job, sink)
            case Reset():
                if self._engine is not None:
                    await self._engine.close()
                return not_run("exec", "ok", 0)
            case BadRun():
                return not_run(work.step, "refused", NOTHING_TO_RUN, work.reason)

    async def _job(self, job: Job, sink: RunSink) -> Finished:
        if job.files:
            self._runtime.workspace.replace_program(job.files)
        if job.code is not None:
            return await self._query(job, sink)
        if job.build is not False:
            await self._build(job, sink)
        done = await self._batch.step("exec", _command(job.exec), job, sink)
        return done or not_run("exec", "skipped", 0)

    async def _build(self, job: Job, sink: RunSink) -> None:
        """Do a job's build step; its ending is a record of its own."""
        built = await self._batch.step("build", _command(job.build), job, sink)
        if built is not None:
            await sink.show(built)

    async def _query(self, job: Job, sink: RunSink) -> Finished:
        if self._engine is None:
            self._engine = self._make_engine()
        return await self._engine.evaluate(job, self._foreground, sink)

    def _make_engine(self) -> QueryEngine:
        runtime = self._runtime
        match runtime.language.query:
            case Snippet() as snippet:
                from polykernel_runner.snippet import SnippetEngine

                return SnippetEngine(runtime, snippet)
            case JupyterKernel(argv=argv):
                from polykernel_runner.jupyter.engine import JupyterEngine

                return JupyterEngine(
                    lambda path: runtime.command(
                        runtime.words("", connection_file=path).expand(argv)
                    ),
                    runtime.workspace,
                )
            case None:
                raise JobRefused(f"{runtime.language.name} answers no queries")


def _command(wanted: bool | str) -> str:
    """Return the command of a job's step: its own, or the language's, or none."""
    if isinstance(wanted, str):
        return wanted
    return "*" if wanted else ""
