"""The query engine of languages that have a Jupyter kernel: one kernel, started when needed."""

from __future__ import annotations

import asyncio
from signal import SIGINT

from polykernel_runner.errors import JobRefused
from polykernel_runner.foreground import Foreground
from polykernel_runner.jupyter.evaluation import Evaluation, RecordSink
from polykernel_runner.jupyter.kernel import CommandMaker, Kernel
from polykernel_runner.jupyter.messages import Published
from polykernel_runner.protocol import Finished, Job, State, StreamName
from polykernel_runner.protocol.verdict import Ending, finished
from polykernel_runner.workspace import Workspace


class JupyterEngine:
    """Evaluates queries in one kernel and keeps its state as long as that lives."""

    def __init__(self, make: CommandMaker, workspace: Workspace) -> None:
        self._make = make
        self._workspace = workspace
        self._kernel: Kernel | None = None
        self._published: Published | None = None
        self._collecting: asyncio.Task[None] | None = None
        self._direct = DirectOutput()

    @property
    def state(self) -> State:
        """What the next query will find of the earlier ones."""
        return "none" if self._kernel is None else "kept"

    async def evaluate(self, job: Job, foreground: Foreground, sink: RecordSink) -> Finished:
        """Evaluate a job's code.

        Raises:
            JobRefused: it asks for what a kernel that runs already cannot be given.
            LaunchError: the kernel did not start.
        """
        _check(job)
        try:
            kernel, published = await self._ready(sink)
            evaluation = Evaluation(kernel, published, sink, job.limits)
            self._direct.attach(evaluation)
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
            if kernel.ended.done():
                await self.close()
                state = "lost"
            return finished("exec", ending, job.limits, state)
        finally:
            self._direct.attach(None)

    async def close(self) -> None:
        """End the kernel; the next query starts another."""
        self._direct.close()
        if self._collecting is not None:
            self._collecting.cancel()
            await asyncio.gather(self._collecting, return_exceptions=True)
        if self._kernel is not None:
            await self._kernel.close()
        self._kernel = self._published = self._collecting = None
        self._direct = DirectOutput()

    async def _ready(self, sink: RecordSink) -> tuple[Kernel, Published]:
        if self._kernel is not None and self._kernel.program.exited:
            await self.close()
        self._direct.attach(sink)
        if self._kernel is None or self._published is None:
            self._kernel = await Kernel.start(self._make, self._workspace, self._direct)
            self._published = Published(self._kernel)
            self._collecting = asyncio.create_task(self._published.collect())
        return self._kernel, self._published


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
