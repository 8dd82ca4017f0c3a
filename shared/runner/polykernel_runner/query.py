"""What evaluates queries: one of three ways, as the language says."""

from __future__ import annotations

from typing import Protocol

from polykernel_runner.errors import JobRefused
from polykernel_runner.foreground import Foreground
from polykernel_runner.language import EvaluationServer, JupyterKernel, Snippet, instead_of
from polykernel_runner.launch import Command
from polykernel_runner.protocol import AssistanceRecord, AssistanceRequest, Finished, Job, State
from polykernel_runner.runs import RunSink
from polykernel_runner.runtime import Runtime


class QueryEngine(Protocol):
    """What evaluates queries."""

    @property
    def state(self) -> State:
        """What the next query will find of the earlier ones."""

    async def evaluate(self, job: Job, foreground: Foreground, sink: RunSink) -> Finished:
        """Evaluate a job's code."""

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord | None:
        """Answer a question about code, or say nothing."""

    async def close(self) -> None:
        """Forget everything."""


def make_engine(runtime: Runtime, foreground: Foreground) -> QueryEngine:
    """Return the engine of a kernel's language; it starts what it needs when it is first asked.

    Raises:
        JobRefused: the language answers no queries.
    """
    match runtime.language.query:
        case Snippet() as snippet:
            from polykernel_runner.snippet import SnippetEngine

            return SnippetEngine(runtime, snippet)
        case JupyterKernel(argv=argv):
            from polykernel_runner.jupyter.session import JupyterSession
            from polykernel_runner.session import SessionEngine

            def kernel(path: str) -> Command:
                words = runtime.words("", connection_file=path)
                return runtime.command(words.expand(argv), removes_ipc=not foreground.is_crowded)

            return SessionEngine(
                lambda output: JupyterSession.start(kernel, runtime.workspace, output), foreground
            )
        case EvaluationServer() as server:
            from polykernel_runner.evaluation_server.session import ServerSession
            from polykernel_runner.session import SessionEngine

            return SessionEngine(
                lambda output: ServerSession.start(
                    runtime, server, output, removes_ipc=not foreground.is_crowded
                ),
                foreground,
                keeps_state=server.keeps_state,
            )
        case None:
            raise JobRefused(instead_of("query", runtime.language))
