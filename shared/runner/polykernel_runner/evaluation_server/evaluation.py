"""One query: code goes to the server, what it shows and how it ended come back."""

from __future__ import annotations

import asyncio
from typing import Any

from polykernel_runner import media
from polykernel_runner.breach import Breach, answered, hung_up
from polykernel_runner.errors import SessionBroken
from polykernel_runner.evaluation import INTERRUPTED_EXIT, Evaluation, RecordSink
from polykernel_runner.evaluation_server import assistance
from polykernel_runner.evaluation_server.connection import Connection, Message
from polykernel_runner.pictures import Pictures
from polykernel_runner.process import Program
from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import Ending
from polykernel_runner.tasks import OwnedTasks

LONGEST_EXIT_CODE = 3  # digits


class ServerEvaluation(Evaluation):
    """One query in a server. `turn` is held while it speaks with the server."""

    def __init__(  # noqa: PLR0917
        self,
        connection: Connection,
        turn: asyncio.Lock,
        program: Program,
        ended: asyncio.Future[Ending],
        breach: Breach,
        sink: RecordSink,
        limits: Limits,
        pictures: Pictures,
    ) -> None:
        super().__init__(program, ended, breach, sink, limits)
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
            exit_code = dialogue.result()
            if exit_code is None:
                await hung_up(self._ended)
                return None
            await self._program.caught_up()
            if self._connection.has_message:
                raise SessionBroken("sent another message after its query had ended")
        self._program.rest_input()
        return INTERRUPTED_EXIT if exit_code and self._stopped_by == "interrupt" else exit_code

    async def _dialogue(self, code: str) -> int | None:
        """Speak with the server until the query has ended, or the server is gone."""
        if self._connection.late:
            late = assistance.late_answer(self._connection)
            await answered(late, self._program, self._ended)
        if self._stopping.is_set():
            self._end_has_come()
            return INTERRUPTED_EXIT
        # Else it might be taken for the ending of this query.
        if self._connection.has_message:
            raise SessionBroken("sent a message between two queries")
        body = code.encode("utf-8", "surrogatepass")
        await self._connection.send("evaluate", body=body)
        while message := await self._connection.receive(self._budget.left):
            match message.words:
                case ["media", kind]:
                    await self._program.caught_up()
                    await self._show_media(kind, message)
                    self._connection.send_at_once("shown")
                case ["done", number] if _is_exit_code(number) and not message.size:
                    self._end_has_come()
                    return int(number) % 256
                case _:
                    raise SessionBroken(f"sent {message.text:.80} during a query")
        return None

    async def _show_media(self, kind: str, message: Message) -> None:
        if len(message.body) == message.size:
            await self._show(media.to_record(kind, message.body))
        else:
            self._budget.take_whole(message.size)
            self._check_budget()


def _is_exit_code(word: str) -> bool:
    return word.isdecimal() and len(word) <= LONGEST_EXIT_CODE
