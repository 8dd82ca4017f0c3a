"""A Jupyter kernel that evaluates queries."""

from __future__ import annotations

import asyncio

from polykernel_runner.breach import Breach
from polykernel_runner.errors import SessionBroken
from polykernel_runner.evaluation import RecordSink
from polykernel_runner.jupyter import assistance
from polykernel_runner.jupyter.evaluation import Cell
from polykernel_runner.jupyter.kernel import CommandMaker, Kernel
from polykernel_runner.jupyter.messages import Published
from polykernel_runner.jupyter.replies import Replies
from polykernel_runner.protocol import AssistanceRecord, AssistanceRequest, Limits
from polykernel_runner.session import DirectOutput
from polykernel_runner.tasks import OwnedTasks
from polykernel_runner.workspace import Workspace

# Seconds for the answer to a question; a kernel that takes longer is of no help to who types.
ASSIST_TIME = 5.0


class JupyterSession:
    """A kernel and what it sends, from its start to its end."""

    def __init__(self, kernel: Kernel, output: DirectOutput) -> None:
        self.program = kernel.program
        self.output = output
        self._kernel = kernel
        self.breach = Breach(kernel.program)
        self._replies = Replies(kernel.replies, kernel.ended, kernel.questions)
        asked = Replies(kernel.control, kernel.ended)
        self._published = Published(kernel, asked, self._replies)
        self._tasks = OwnedTasks()
        for work in (
            self._published.collect(),
            self._replies.collect(),
            asked.collect(),
            *(link.holds(kernel.ended) for link in kernel.links),
        ):
            self._tasks.start(self.breach.watch(work))

    @classmethod
    async def start(
        cls, make: CommandMaker, workspace: Workspace, output: DirectOutput
    ) -> JupyterSession:
        """Start a kernel.

        Raises:
            LaunchError: it did not start.
        """
        return cls(await Kernel.start(make, workspace, output), output)

    def evaluation(self, sink: RecordSink, limits: Limits) -> Cell:
        """Begin a query."""
        return Cell(self._kernel, self._published, self._replies, self.breach, sink, limits)

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord | None:
        """Answer a question about code, or say nothing."""
        try:
            return await asyncio.wait_for(self._ask(request), ASSIST_TIME)
        except asyncio.TimeoutError:
            return None
        except SessionBroken as error:
            self.breach.found(error)
            return None

    async def _ask(self, request: AssistanceRequest) -> AssistanceRecord | None:
        # Behind what is late this one would be late too.
        await self._replies.answered()
        question = self._kernel.ask(request)
        self._replies.expect(question)
        reply = await self._replies.to(question)
        return None if reply is None else assistance.understand(request, reply)

    async def close(self) -> None:
        """End the kernel."""
        self.output.close()
        await self._tasks.cancel()
        await self._kernel.close()
