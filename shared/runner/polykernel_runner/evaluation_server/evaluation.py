"""One query: code goes to the server, what it shows and how it ended come back."""

from __future__ import annotations

import asyncio
from typing import Any

from polykernel_runner import media
from polykernel_runner.errors import LaunchError
from polykernel_runner.evaluation import INTERRUPTED_EXIT, Evaluation, RecordSink
from polykernel_runner.evaluation_server.connection import Connection, Message
from polykernel_runner.pictures import Pictures
from polykernel_runner.process import Program
from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import Ending
from polykernel_runner.tasks import OwnedTasks


class ServerEvaluation(Evaluation):
    """One query in a server. `turn` is held while it speaks with the server."""

    def __init__(  # noqa: PLR0917
        self,
        connection: Connection,
        turn: asyncio.Lock,
        program: Program,
        ended: asyncio.Future[Ending],
        sink: RecordSink,
        limits: Limits,
        pictures: Pictures,
    ) -> None:
        super().__init__(program, ended, sink, limits)
        self._pictures = pictures
        self._connection = connection
        self._turn = turn
        program.renew_input()

    async def run(self, code: str) -> Ending:
        """Evaluate code; return how that ended, after all its output and the pictures it left."""
        ending = await super().run(code)
        await self._pictures.show(self._sink, self._limits)
        return ending

    def input(self, text: str) -> None:
        """Give the query a line."""
        self._program.input(text)

    def input_eof(self) -> None:
        """End the query's input."""
        self._program.input_eof()

    def give(self, stdin: bytes) -> None:
        """Give the query all the input that there will be."""
        self._program.give(stdin)

    def _forget_input(self) -> None:
        self._program.discard_input()

    async def _evaluate(self, code: str, tasks: OwnedTasks) -> int | None:
        async with self._turn:
            dialogue = tasks.start(self._dialogue(code))
            # A child of the server's may have inherited the connection and outlive it.
            either: list[asyncio.Future[Any]] = [dialogue, self._ended]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not dialogue.done():
                return None
            try:
                exit_code = dialogue.result()
            except LaunchError:
                self._program.stop("shutdown")
                await asyncio.wait([self._ended])
                raise
        if exit_code is None:
            await self._end_process()
            return None
        await self._program.caught_up()
        self._program.rest_input()
        return INTERRUPTED_EXIT if exit_code and self._stopped_by == "interrupt" else exit_code

    async def _dialogue(self, code: str) -> int | None:
        body = code.encode("utf-8", "surrogatepass")
        await self._connection.send("evaluate", body=body)
        while message := await self._connection.receive():
            match message.words:
                case ["media", kind]:
                    await self._program.caught_up()
                    await self._show(media.to_record(kind, message.body))
                    await self._connection.send("shown")
                case ["done", exit_code] if exit_code.isdecimal():
                    self._connection.late = 0
                    return int(exit_code) % 256
                case ["completions", *_] | ["inspection"] | ["completeness", *_]:
                    pass  # an answer that came too late
                case _:
                    raise LaunchError(f"the evaluation server sent {_words(message)}")
        return None


def _words(message: Message) -> str:
    return repr(" ".join(message.words))
