"""The query engine of languages that have a Jupyter kernel: one kernel, started when needed."""

from __future__ import annotations

import asyncio
from signal import SIGINT

from polykernel_runner.errors import JobRefused
from polykernel_runner.foreground import Foreground
from polykernel_runner.jupyter import assistance
from polykernel_runner.jupyter.evaluation import Evaluation, RecordSink
from polykernel_runner.jupyter.kernel import CommandMaker, Kernel
from polykernel_runner.jupyter.messages import Published
from polykernel_runner.jupyter.replies import Replies
from polykernel_runner.protocol import (
    AssistanceRecord,
    AssistanceRequest,
    Finished,
    Job,
    State,
    StreamName,
)
from polykernel_runner.protocol.verdict import Ending, finished
from polykernel_runner.tasks import OwnedTasks
from polykernel_runner.workspace import Workspace

# Seconds for the answer to a question; a kernel that takes longer is of no help to who types.
ASSIST_TIME = 5.0


class Session:
    """A kernel and what it sends, from its start to its end."""

    def __init__(self, kernel: Kernel, output: DirectOutput) -> None:
        self.kernel = kernel
        self.output = output
        self.published = Published(kernel)
        self.replies = Replies(kernel)
        self._tasks = OwnedTasks()
        self._tasks.start(self.published.collect())
        self._tasks.start(self.replies.collect())

    async def close(self) -> None:
        """End the kernel."""
        self.output.close()
        await self._tasks.cancel()
        await self.kernel.close()


class JupyterEngine:
    """Evaluates queries in one kernel and keeps its state as long as that lives."""

    def __init__(self, make: CommandMaker, workspace: Workspace) -> None:
        self._make = make
        self._workspace = workspace
        self._session: Session | None = None
        self._starting = asyncio.Lock()
        self._evaluating = False

    @property
    def state(self) -> State:
        """What the next query will find of the earlier ones."""
        return "none" if self._session is None else "kept"

    async def evaluate(self, job: Job, foreground: Foreground, sink: RecordSink) -> Finished:
        """Evaluate a job's code.

        Raises:
            JobRefused: it asks for what a kernel that runs already cannot be given.
            LaunchError: the kernel did not start.
        """
        _check(job)
        self._evaluating = True
        try:
            return await self._evaluate(job, foreground, sink)
        finally:
            self._evaluating = False

    async def _evaluate(self, job: Job, foreground: Foreground, sink: RecordSink) -> Finished:
        session = await self._ready(sink)
        try:
            evaluation = Evaluation(
                session.kernel, session.published, session.replies, sink, job.limits
            )
            session.output.attach(evaluation)
            if job.stdin is not None:
                for line in job.stdin.decode("utf-8", "replace").splitlines():
                    evaluation.input(line)
                evaluation.input_eof()
            if foreground.stopped_by is not None:
                not_begun = Ending(wait_status=SIGINT, stopped_by=foreground.stopped_by)
                return finished("exec", not_begun, job.limits, "kept")
            foreground.enter(evaluation)
            try:
                ending = await evaluation.run(job.code or "")
            finally:
                foreground.leave()
            state: State = "kept"
            if session.kernel.ended.done():
                await self.close()
                state = "lost"
            return finished("exec", ending, job.limits, state)
        finally:
            session.output.attach(None)

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord | None:
        """Answer a question about code; None while a query runs, behind which it would wait.

        Raises:
            LaunchError: the kernel did not start.
        """
        if self._busy():
            return None
        session = await self._ready(None)
        if self._busy():
            return None
        message = assistance.ask(session.kernel, request)
        session.replies.expect(message)
        try:
            reply = await asyncio.wait_for(session.replies.to(message), ASSIST_TIME)
        except asyncio.TimeoutError:
            return None
        return assistance.understand(request, reply) if reply else None

    def _busy(self) -> bool:
        return self._evaluating

    async def close(self) -> None:
        """End the kernel; the next query starts another."""
        async with self._starting:
            await self._close()

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ready(self, sink: RecordSink | None) -> Session:
        """Return the kernel there is, or start one; what it prints goes to the sink."""
        async with self._starting:
            if self._session is not None and self._session.kernel.program.exited:
                await self._close()
            if self._session is None:
                output = DirectOutput()
                output.attach(sink)
                kernel = await Kernel.start(self._make, self._workspace, output)
                self._session = Session(kernel, output)
            elif sink is not None:
                self._session.output.attach(sink)
            return self._session


class DirectOutput:
    """What the kernel's process and its children write themselves goes to the run there is.

    Where there is none it waits for one, and so does who writes it.
    """

    def __init__(self) -> None:
        self._sink: RecordSink | Evaluation | None = None
        self._closed = False
        self._changed = asyncio.Event()

    def attach(self, sink: RecordSink | Evaluation | None) -> None:
        """Let output go to a run's sink, or wait for one."""
        self._sink = sink
        self._changed.set()

    def close(self) -> None:
        """Drop what comes from now on: the kernel is being ended."""
        self._closed = True
        self._changed.set()

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Pass it on."""
        while self._sink is None and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        if self._sink is not None:
            await self._sink.output(stream, data)

    async def waiting(self, is_password: bool = False) -> None:
        """Never called: the process has no standard input."""


def _check(job: Job) -> None:
    asked = {
        "args": job.args,
        "env": job.env,
        "limits.fileSize": job.limits.file_size,
    }
    for name, value in asked.items():
        if value:
            raise JobRefused(f"a query runs in a kernel that is there already; it takes no {name}")
