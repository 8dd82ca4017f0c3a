"""One run, as whoever started it sees it."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING

from polykernel.result import Collection, Result
from polykernel_runner.protocol import (
    Cancel,
    Finished,
    Input,
    InputEof,
    Record,
    Request,
    Step,
    WaitingInput,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterable
    from types import TracebackType

    from typing_extensions import Self

    from polykernel.connection import Connection
    from polykernel.errors import OutputError


class Run:
    """A run that was asked for: await it for its `Result`, or iterate over its records.

        result = await kernel.run(files=files)

        async for record in kernel.run(files=files):
            ...

    The request is sent when the object is made, so several runs can be queued before the first is
    awaited. Iterating ends behind the record that ends the run; the `Result` that awaiting gives
    afterwards, any number of times, holds the output that was not iterated over. Iterating may
    stop and go on later, but nobody can go on with an object that is gone: a run whose `Run` is
    forgotten before its end is cancelled. `async with kernel.run(...) as run` cancels it on
    leaving.

    Who reads slowly makes the program wait, once about 1 MiB waits here. Awaiting something that
    comes behind output which is not being read (a later run, `kernel.status()`) never blocks for
    that: meanwhile the output is kept in memory, up to `most_output` of `Kernel.start`.

    Raises, when awaited or iterated over:
        OutputError: there was more to collect than `most_output`; the run is cancelled.
        RecordError: the kernel sent what cannot be taken.
        KernelDiedError: the container has ended; all output that arrived comes first.
        KernelClosedError: the kernel's `async with` has been left.
    """

    def __init__(
        self,
        connection: Connection,
        request: Request,
        *,
        ends: Step = "exec",
        answers: Iterable[str] | None = None,
    ) -> None:
        def is_last(record: Record) -> bool:
            return isinstance(record, Finished) and record.step == ends

        self._connection = connection
        self._answers = None if answers is None else deque(answers)
        self._collection = Collection()
        self._is_last = is_last
        self._result: Result | None = None
        self._error: OutputError | None = None
        self.id, self._mailbox = connection.open(is_last)
        weakref.finalize(self, connection.abandon, self.id).atexit = False
        connection.post(request, self.id)

    async def input(self, text: str) -> None:
        """Type a line into this run, now or before its turn; after its end it is thrown away."""
        await self._connection.post(Input(text), self.id)

    async def input_eof(self) -> None:
        """End the standard input of this run."""
        await self._connection.post(InputEof(), self.id)

    def __aiter__(self) -> AsyncIterator[Record]:
        return self

    async def __anext__(self) -> Record:
        record = await self._take()
        if record is None:
            raise StopAsyncIteration
        return record

    def __await__(self) -> Generator[None, None, Result]:
        return self._collect().__await__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._mailbox.ended:
            await self.cancel()

    async def cancel(self) -> None:
        """Stop this run, queued or running; it ends with the verdict `interrupted`."""
        await self._connection.post(Cancel(self.id))

    async def _collect(self) -> Result:
        while self._result is None:
            record = await self._take()
            if record is not None:
                self._collection.add(record)
                self._check_size()
        return self._result

    def _check_size(self) -> None:
        if self._collection.size <= self._connection.bounds.most_output:
            return
        self._error = self._connection.bounds.exceeded()
        self._collection = Collection()
        self._connection.give_up(self.id, self._mailbox, self._error)

    async def _take(self) -> Record | None:
        if self._error is not None:
            raise self._error
        record = await self._mailbox.take()
        match record:
            case WaitingInput() if self._answers is not None:
                answer = Input(self._answers.popleft()) if self._answers else InputEof()
                self._connection.post(answer, self.id)
            case Finished() if self._is_last(record):
                self._result = self._collection.result(record)
            case Finished(step="build"):
                self._collection.build = record
            case _:
                pass
        return record
