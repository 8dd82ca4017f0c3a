"""One query: code goes to the kernel, what it publishes comes back as records."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any

from polykernel_runner.breach import Breach, answered
from polykernel_runner.errors import SessionBroken
from polykernel_runner.evaluation import INTERRUPTED_EXIT, Evaluation, RecordSink
from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.mailbox import Message
from polykernel_runner.jupyter.messages import Published, is_idle
from polykernel_runner.jupyter.mime import to_record
from polykernel_runner.jupyter.outcome import Outcome, understood
from polykernel_runner.jupyter.replies import Replies
from polykernel_runner.protocol import Limits, StreamName
from polykernel_runner.tasks import OwnedTasks

# Seconds after a reply until the kernel is asked whether there is more to come.
IDLE_TIME = 2.0
# The prompts of kernels that only ask whether all before it has been shown; see the kernels of
# languages/python and languages/r (R has no text with \0).
SHOWN = ("\0shown", "\1shown")
_END_OF_INPUT = "\x04"  # what ipykernel takes as the end of the file


class Cell(Evaluation):
    """One query in a kernel."""

    def __init__(  # noqa: PLR0917
        self,
        kernel: Kernel,
        published: Published,
        replies: Replies,
        breach: Breach,
        sink: RecordSink,
        limits: Limits,
    ) -> None:
        super().__init__(kernel.program, kernel.ended, breach, sink, limits)
        self._kernel = kernel
        self._published = published
        self._replies = replies
        self._idle = asyncio.Event()
        self._typed: deque[str] = deque()
        self._eof = False
        self._typing = asyncio.Event()

    def input(self, text: str) -> None:
        """Answer a prompt, this one or the next."""
        self._typed.append(text.removesuffix("\n"))
        self._typing.set()

    def input_eof(self) -> None:
        """Answer the prompts from then on with the end of the file."""
        self._eof = True
        self._typing.set()

    def give(self, stdin: bytes) -> None:
        """Answer prompts with lines, and then with the end of the file."""
        for line in stdin.decode("utf-8", "replace").splitlines():
            self.input(line)
        self.input_eof()

    def _forget_input(self) -> None:
        self._typed.clear()

    async def _evaluate(self, code: str, tasks: OwnedTasks) -> int | None:
        """Pass on what the cell publishes until it is idle; return its exit code.

        None says that the kernel has died, and all that it had published has been passed on.
        """
        if self._replies.are_under_way:
            await answered(self._replies.answered(), self._program, self._ended)
        if self._stopping.is_set():
            self._end_has_come()
            return INTERRUPTED_EXIT
        request = self._kernel.execute(code)
        self._replies.expect(request)
        self._published.begin(request)
        try:
            outcome = await self._run(request, tasks)
        finally:
            self._published.end()
        if outcome is None:
            return None
        self._end_has_come()
        await self._program.caught_up()
        if outcome.ends_process:
            await self._end_process()
        if outcome.exit_code and self._stopped_by == "interrupt":
            return INTERRUPTED_EXIT
        return outcome.exit_code

    async def _run(self, request: str, tasks: OwnedTasks) -> Outcome | None:
        tasks.start(self._breach.watch(self._answer_prompts(request)))
        publishing = tasks.start(self._breach.watch(self._publish(request)))
        reply = await self._replies.to(request)
        if reply is not None:
            outcome = understood(reply)
            if await self._all_is_published(publishing, tasks):
                return outcome
        await asyncio.wait([publishing])
        return None

    async def _all_is_published(self, publishing: asyncio.Task[None], tasks: OwnedTasks) -> bool:
        """Return when all about the cell has been passed on; False when the kernel has died.

        A kernel drops what it publishes faster than it is taken: also that it is idle.
        """
        idle = tasks.start(self._idle.wait())
        either: list[asyncio.Future[Any]] = [idle, publishing]
        while True:
            await asyncio.wait(either, timeout=IDLE_TIME, return_when=asyncio.FIRST_COMPLETED)
            if publishing.done() or idle.done():
                return idle.done()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._published.caught_up(), IDLE_TIME)
                return True

    async def _publish(self, request: str) -> None:
        """Pass on what is published about the cell, until the kernel has ended.

        Not only until it is idle: the kernel is once it has replied, the user's code may say so
        any time.
        """
        while message := await self._published.next():
            if message.parent == request:
                if is_idle(message):
                    self._idle.set()
                else:
                    await self._send(message)

    async def _send(self, message: Message) -> None:
        content = message.content
        if message.kind != "stream":
            await self._program.caught_up()
        match message.kind:
            case "stream":
                stream: StreamName = "stderr" if message.text("name") == "stderr" else "stdout"
                await self._write(stream, message.text("text"))
            case "error":
                lines = content.get("traceback")
                if not isinstance(lines, list):
                    raise SessionBroken("sent an error without a traceback")
                await self._write("stderr", "\n".join(map(str, lines)) + "\n")
            case "display_data" | "execute_result" | "update_display_data":
                data = content.get("data")
                if not isinstance(data, dict):
                    raise SessionBroken("showed something without data")
                await self._show(to_record(data))

    async def _write(self, stream: StreamName, text: str) -> None:
        await self.output(stream, text.encode("utf-8", "replace"))

    async def _answer_prompts(self, request: str) -> None:
        while True:
            message = await self._kernel.prompts.next()
            # A flood of them would let nothing else have its turn.
            await asyncio.sleep(0)
            if message.kind != "input_request" or message.parent != request:
                continue
            prompt = message.text("prompt", "")
            await self._published.caught_up()
            await self._program.caught_up()
            if prompt in SHOWN:
                self._kernel.answer("")
                continue
            await self._write("stdout", prompt)
            if not self._typed and not self._eof:
                self._typing.clear()
                await self._sink.waiting(bool(message.content.get("password")))
                await self._typing.wait()
            self._kernel.answer(self._typed.popleft() if self._typed else _END_OF_INPUT)
