"""Does what a run asks for: steps, queries, commands of the terminal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from polykernel_runner.batch import Batch
from polykernel_runner.errors import JobRefused, LaunchError
from polykernel_runner.foreground import Foreground
from polykernel_runner.leftovers import Leftovers
from polykernel_runner.protocol import (
    AssistanceRecord,
    AssistanceRequest,
    Finished,
    Job,
    Reset,
    RunJob,
    RunQuery,
    RunStep,
    State,
    nothing_for,
)
from polykernel_runner.protocol.verdict import NOTHING_TO_RUN, not_run
from polykernel_runner.query import QueryEngine, make_engine
from polykernel_runner.runs import BadRun, RunSink, Work
from polykernel_runner.runtime import Runtime
from polykernel_runner.terminal import Terminal, command_words

log = logging.getLogger(__name__)


class Worker:
    """Knows the language's ways; what it keeps from run to run is the query engine's state."""

    def __init__(
        self,
        runtime: Runtime,
        terminal: Terminal,
        foreground: Foreground,
        is_crowded: Callable[[], bool],
    ) -> None:
        self._runtime = runtime
        self._terminal = terminal
        self._foreground = foreground
        self._batch = Batch(runtime, foreground)
        self._engine: QueryEngine | None = None
        self._leftovers = Leftovers(runtime.workspace, is_crowded)

    @property
    def state(self) -> State:
        """What the next query will find of the earlier ones."""
        return "none" if self._engine is None else self._engine.state

    async def do(self, work: Work, sink: RunSink) -> Finished:
        """Do what a run asks for; return how it ended.

        Raises:
            JobRefused: it cannot be done here.
            LaunchError: a program could not be started.
            CleaningError: what programs left cannot be removed.
        """
        match work:
            case RunStep():
                await self._leftovers.begin_other()
                if work.step == "build":
                    await self._leftovers.begin_build()
                done = await self._batch.step(work.step, work.command, Job(), sink)
                return done or not_run(work.step, "skipped", 0, "the language has no such step")
            case RunQuery() if words := command_words(work.code):
                return await self._terminal_command(words, sink)
            case RunQuery():
                await self._leftovers.begin_other()
                return await self._query(Job(code=work.code), sink)
            case RunJob():
                return await self._job(work.job, sink)
            case Reset():
                if self._engine is not None:
                    await self._engine.close()
                return not_run("exec", "ok", 0)
            case BadRun():
                return not_run(work.step, "refused", NOTHING_TO_RUN, work.reason)

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord:
        """Answer a question about code, if need be with nothing."""
        try:
            return await self._query_engine().assist(request) or nothing_for(request)
        except JobRefused:
            pass  # the language answers no queries
        except LaunchError as error:
            log.error("%s", error)
        except Exception:
            log.exception("a question about code cannot be answered")
        return nothing_for(request)

    async def close(self) -> None:
        """Forget the state, and remove what was made outside the work directory."""
        if self._engine is not None:
            await self._engine.close()
        self._leftovers.close()
        await self._runtime.workspace.remove_private()

    async def end_session(self) -> bool:
        """End the process that evaluates queries; return whether there was one."""
        if self._engine is None or self._foreground.session is None:
            return False
        await self._engine.close()
        return True

    async def begin_beside(self) -> None:
        """Hear that a program is about to be started that is no run's."""
        await self._leftovers.begin_other()

    async def _terminal_command(self, words: list[str], sink: RunSink) -> Finished:
        exit_code, text = self._terminal.command(words)
        await sink.output("stderr" if exit_code else "stdout", text.encode())
        return not_run("exec", "error" if exit_code else "ok", exit_code)

    async def _job(self, job: Job, sink: RunSink) -> Finished:
        if job.code is not None and not job.files:
            await self._leftovers.begin_other()
            return await self._query(job, sink)  # what it makes is for later queries to find
        if job.build is False and job.exec is True and self._leftovers.unsealed is not None:
            raise JobRefused(
                f"what was built may have been changed since ({self._leftovers.unsealed}); "
                "let the job build it again"
            )
        clean = bool(job.files) and not job.keep
        self._foreground.is_confined = clean
        try:
            await self._leftovers.begin(clean=clean, keeps_build=job.build is False)
            if job.files:
                self._runtime.workspace.replace_program(job.files, keep=job.keep)
            if job.code is not None:
                return await self._query(job, sink)
            if job.build is not False:
                await self._build(job, sink)
            done = await self._batch.step("exec", _command(job.exec), job, sink)
            return done or not_run("exec", "skipped", 0)
        finally:
            self._leftovers.end()

    async def _build(self, job: Job, sink: RunSink) -> None:
        """Do a job's build step; its ending is a record of its own."""
        await self._leftovers.begin_build()
        built = await self._batch.step("build", _command(job.build), job, sink)
        if built is None:
            return
        if job.files and built.verdict == "ok":
            await self._leftovers.end_build()
        await sink.show(built)

    async def _query(self, job: Job, sink: RunSink) -> Finished:
        return await self._query_engine().evaluate(job, self._foreground, sink)

    def _query_engine(self) -> QueryEngine:
        if self._engine is None:
            self._engine = make_engine(self._runtime, self._foreground)
        return self._engine


def _command(wanted: bool | str) -> str:
    """Return the command of a job's step: its own, or the language's, or none."""
    if isinstance(wanted, str):
        return wanted
    return "*" if wanted else ""
