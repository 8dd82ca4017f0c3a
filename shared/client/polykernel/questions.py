"""What is asked of a kernel besides runs, and what is told to the one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel.run import Run
from polykernel_runner import protocol

if TYPE_CHECKING:
    from polykernel.connection import Connection
    from polykernel.result import Result


class Questions:
    """Heard at once, also while something runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def input(self, text: str) -> None:
        """Type a line into what runs now; a newline is added if `text` ends without."""
        await self._connection.post(protocol.Input(text))

    async def input_eof(self) -> None:
        """End the standard input of what runs now."""
        await self._connection.post(protocol.InputEof())

    async def interrupt(self) -> None:
        """Stop what runs now; its verdict is `interrupted`. Queued runs follow."""
        await self._connection.post(protocol.Interrupt())

    async def cancel(self, run: Run) -> None:
        """Stop a run, queued or running."""
        await self._connection.post(protocol.Cancel(run.id))

    async def reset(self) -> Result:
        """Forget the state of queries, behind the runs that were asked for before."""
        return await Run(self._connection, protocol.Reset())

    async def status(self) -> protocol.Status:
        """Ask for liveness."""
        return await self._connection.ask(protocol.GetStatus(), protocol.Status)

    async def hello(self) -> protocol.Hello:
        """Ask what this kernel is and can."""
        return await self._connection.ask(protocol.SayHello(), protocol.Hello)

    async def complete(self, code: str, *, post: str = "") -> protocol.Completion:
        """Ask how `code`, up to the cursor, may go on; `post` stands behind the cursor.

        Languages that cannot tell, and kernels in which a query runs, answer with nothing.
        """
        return await self._connection.ask(protocol.Complete(code, post), protocol.Completion)

    async def inspect(self, code: str, cursor: int | None = None) -> protocol.Inspection:
        """Ask about what stands at `cursor`, counted in characters; the end if it is None."""
        cursor = len(code) if cursor is None else cursor
        return await self._connection.ask(protocol.Inspect(code, cursor), protocol.Inspection)

    async def is_complete(self, code: str) -> protocol.Completeness:
        """Ask whether code can be evaluated as it stands, or a line must follow."""
        return await self._connection.ask(protocol.IsComplete(code), protocol.Completeness)
