"""One query: code goes to the kernel, what it publishes comes back as records."""

from __future__ import annotations

import asyncio
from collections import deque

from polykernel_runner.evaluation import INTERRUPTED_EXIT, Evaluation, RecordSink
from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.mailbox import Message
from polykernel_runner.jupyter.messages import Published
from polykernel_runner.jupyter.mime import to_record
from polykernel_runner.jupyter.replies import Replies
from polykernel_runner.protocol import Limits, StreamName
from polykernel_runner.tasks import OwnedTasks

ERROR_EXIT = 1
# The prompts of kernels that only ask whether all before it has been shown; see the kernels of
# languages/python and languages/r (R has no text with \0).
SHOWN = ("\0shown", "\1shown")
_END_OF_INPUT = "\x04"  # what ipykernel takes as the end of the file


class Cell(Evaluation):
    """One query in a kernel."""

    def __init__(
        self,
        kernel: Kernel,
        published: Published,
        replies: Replies,
        sink: RecordSink,
        limits: Limits,
    ) -> None:
        super().__init__(kernel.program, kernel.ended, sink, limits)
        self._kernel = kernel
        self._published = published
        self._replies = replies
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
        request = self._kernel.client.execute(code, allow_stdin=True)
        self._replies.expect(request)
        tasks.start(self._answer_prompts())
        while True:
            message = await self._published.next()
            if message is None:
                return None
            parent = message["parent_header"].get("msg_id")
            if message["msg_type"] == "status":
                if parent == request and message["content"]["execution_state"] == "idle":
                    break
                continue
            await self._send(message)
        reply = await self._replies.to(request)
        if reply is None:
            return None
        await self._program.caught_up()
        if any(_asks_to_end(item) for item in reply.get("payload", ())):
            await self._end_process()
        if reply["status"] == "ok":
            return 0
        if self._stopped_by == "interrupt":
            return INTERRUPTED_EXIT
        return _exit_code(reply) if reply.get("ename") == "SystemExit" else ERROR_EXIT

    async def _send(self, message: Message) -> None:
        content = message["content"]
        if message["msg_type"] != "stream":
            await self._program.caught_up()
        match message["msg_type"]:
            case "stream":
                await self._send_text(content["name"], content["text"])
            case "error":
                await self._send_text("stderr", "\n".join(content["traceback"]) + "\n")
            case "display_data" | "execute_result" | "update_display_data":
                await self._show(to_record(content["data"]))

    async def _send_text(self, stream: StreamName, text: str) -> None:
        await self.output(stream, text.encode("utf-8", "replace"))

    async def _answer_prompts(self) -> None:
        while True:
            message = await self._kernel.prompts.next()
            if message["msg_type"] != "input_request":
                continue
            await self._published.caught_up()
            await self._program.caught_up()
            if message["content"]["prompt"] in SHOWN:
                self._kernel.client.input("")
                continue
            await self._send_text("stdout", message["content"]["prompt"])
            if not self._typed and not self._eof:
                self._typing.clear()
                await self._sink.waiting(bool(message["content"].get("password")))
                await self._typing.wait()
            self._kernel.client.input(self._typed.popleft() if self._typed else _END_OF_INPUT)


def _asks_to_end(payload: Message) -> bool:
    return payload.get("source") == "ask_exit" and not payload.get("keepkernel")


def _exit_code(reply: Message) -> int:
    """Return what `sys.exit(...)` in a cell would have made of a process; it goes on here."""
    value = str(reply.get("evalue", ""))
    if value in ("", "None"):
        return 0
    return int(value) % 256 if value.lstrip("-").isdecimal() else ERROR_EXIT
