"""The query engine of languages without one: each query is a program of its own."""

from __future__ import annotations

import asyncio
import contextlib

from polykernel_runner.errors import CleaningError, LaunchError
from polykernel_runner.evaluation import RecordSink
from polykernel_runner.foreground import Foreground
from polykernel_runner.language import Snippet
from polykernel_runner.pictures import Pictures
from polykernel_runner.protocol import AssistanceRequest, Finished, Job, Limits, State
from polykernel_runner.protocol.verdict import finished
from polykernel_runner.runtime import Runtime

QUERY = "query"


class SnippetEngine:
    """Saves, builds and runs a query in a private directory. It keeps no state."""

    state: State = "none"

    def __init__(self, runtime: Runtime, snippet: Snippet) -> None:
        self._runtime = runtime
        self._snippet = snippet
        self._pictures = Pictures(runtime.workspace)
        self._emptying: asyncio.Task[None] | None = None

    async def evaluate(self, job: Job, foreground: Foreground, sink: RecordSink) -> Finished:
        """Build and run a job's code.

        Raises:
            LaunchError: a program could not be started.
            CleaningError: what the query before left cannot be removed.
        """
        runtime, snippet = self._runtime, self._snippet
        code = (job.code or "").encode("utf-8", "surrogatepass")
        # What the program of the query before left there would be built with this one.
        await self._emptied()
        main = runtime.workspace.write_private(QUERY, snippet.file, code)
        try:
            return await self._build_and_run(job, main, foreground, sink)
        finally:
            # While the answer is on its way.
            workspace = runtime.workspace
            self._emptying = asyncio.create_task(workspace.clean(None, [QUERY]))

    async def _emptied(self) -> None:
        if self._emptying is not None:
            emptying, self._emptying = self._emptying, None
            await emptying

    async def _build_and_run(
        self, job: Job, main: str, foreground: Foreground, sink: RecordSink
    ) -> Finished:
        runtime, snippet = self._runtime, self._snippet
        directory = runtime.workspace.private(QUERY)
        words = runtime.words(directory, main=main, args=job.args, env=job.env)
        build = [
            runtime.command(words.expand(step.argv), env=job.env, cwd=directory)
            for step in snippet.build
        ]
        ending = await foreground.run(build, sink)
        if ending.wait_status or ending.stopped_by:
            return finished("exec", ending, Limits())
        env = {**self._pictures.env(), **job.env}
        run = runtime.command(
            words.expand(snippet.run), stdin=job.stdin, limits=job.limits, env=env
        )
        ending = await foreground.run([run], sink)
        await self._pictures.show(sink, job.limits)
        return finished("exec", ending, job.limits)

    async def assist(self, _: AssistanceRequest) -> None:
        """Say nothing: what would know is the compiler, and it is not asked as one types."""

    async def close(self) -> None:
        """Wait until nothing is left to be taken away."""
        with contextlib.suppress(CleaningError, LaunchError):
            await self._emptied()
