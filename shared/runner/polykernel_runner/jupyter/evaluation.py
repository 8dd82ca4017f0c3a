"""One query: code goes to the kernel, what it publishes comes back as records."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Protocol

from polykernel_runner import cgroup
from polykernel_runner.budget import OutputBudget
from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.messages import Message, Published
from polykernel_runner.jupyter.mime import to_record
from polykernel_runner.jupyter.replies import Replies
from polykernel_runner.process import Sink
from polykernel_runner.protocol import Limits, Output, Record, StreamName
from polykernel_runner.protocol.verdict import Ending, StopCause
from polykernel_runner.tasks import owned_tasks
from polykernel_runner.usage import exceeded

# Seconds until an interrupted kernel is interrupted again, and until it is ended.
INTERRUPT_AGAIN = 2.0
KILL_AFTER = 8.0
# Seconds that a cell which reached a limit has to end by itself, so that the state is kept.
LIMIT_GRACE = 1.0
# Seconds that a kernel has to end after its own `exit()`.
EXIT_TIME = 5.0
SAMPLE_TIME = 0.02
ERROR_EXIT = 1
INTERRUPTED_EXIT = 130
# The prompt of a kernel that only asks whether all before it has been shown; see
# languages/python/kernel.py.
SHOWN = "\0shown"
_END_OF_INPUT = "\x04"  # what ipykernel takes as the end of the file


class RecordSink(Sink, Protocol):
    """Where more than a program's output goes."""

    async def show(self, record: Record) -> None:
        """Send a record."""


class Evaluation:
    """One query in a kernel. `run` is awaited once; the rest may be called meanwhile."""

    takes_input = True

    def __init__(
        self,
        kernel: Kernel,
        published: Published,
        replies: Replies,
        sink: RecordSink,
        limits: Limits,
    ) -> None:
        self._kernel = kernel
        self._published = published
        self._replies = replies
        self._sink = sink
        self._limits = limits
        self._budget = OutputBudget(limits)
        self._stopped_by: StopCause | None = None
        self._stopping = asyncio.Event()
        self._patience = (INTERRUPT_AGAIN, KILL_AFTER)
        self._typed: deque[str] = deque()
        self._typing = asyncio.Event()
        self._peak = 0

    def interrupt(self) -> None:
        """Interrupt the cell; the kernel is ended only if it does not listen."""
        self._stop_gently("interrupt", (INTERRUPT_AGAIN, KILL_AFTER))

    def stop(self, cause: StopCause) -> None:
        """End the kernel, and so the cell and the state."""
        self._stopped_by = self._stopped_by or cause
        self._kernel.program.stop(cause)

    def input(self, text: str) -> None:
        """Answer a prompt, this one or the next."""
        self._typed.append(text.removesuffix("\n"))
        self._typing.set()

    def input_eof(self) -> None:
        """Answer the next prompt with the end of the file."""
        self._typed.append(_END_OF_INPUT)
        self._typing.set()

    async def run(self, code: str) -> Ending:
        """Evaluate code; return how that ended, after all its output. A dead kernel's ending is
        its process's."""
        started, kills = time.monotonic(), cgroup.oom_kills()
        cpu_before = self._kernel.program.usage().cpu_time
        async with owned_tasks() as tasks:
            request = self._kernel.client.execute(code, allow_stdin=True)
            self._replies.expect(request)
            tasks.start(self._answer_prompts())
            tasks.start(self._escalate())
            tasks.start(self._enforce_wall_time())
            tasks.start(self._enforce_usage(cpu_before))
            exit_code = await self._cell(request)
        used = self._kernel.program.usage()
        status = self._process_status() if exit_code is None else exit_code << 8
        return Ending(
            wait_status=status,
            stopped_by=self._stopped_by,
            oom_killed=cgroup.oom_kills() > kills,
            wall_time=time.monotonic() - started,
            cpu_time=max(0.0, used.cpu_time - cpu_before),
            max_rss=max(self._peak, used.memory),
            dropped_stdout=self._budget.dropped["stdout"],
            dropped_stderr=self._budget.dropped["stderr"],
        )

    def _process_status(self) -> int:
        return self._kernel.ended.result().wait_status

    async def _cell(self, request: str) -> int | None:
        """Pass on what the cell publishes until it is idle; return its exit code.

        None says that the kernel has died, and all that it had published has been passed on.
        """
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
        await self._kernel.program.caught_up()
        if any(_asks_to_end(item) for item in reply.get("payload", ())):
            await asyncio.wait([self._kernel.ended], timeout=EXIT_TIME)
            self._kernel.program.stop("shutdown")
            await asyncio.wait([self._kernel.ended])
        if reply["status"] == "ok":
            return 0
        if self._stopped_by == "interrupt":
            return INTERRUPTED_EXIT
        return _exit_code(reply) if reply.get("ename") == "SystemExit" else ERROR_EXIT

    async def _send(self, message: Message) -> None:
        content = message["content"]
        if message["msg_type"] != "stream":
            await self._kernel.program.caught_up()
        match message["msg_type"]:
            case "stream":
                await self._send_text(content["name"], content["text"])
            case "error":
                await self._send_text("stderr", "\n".join(content["traceback"]) + "\n")
            case "display_data" | "execute_result" | "update_display_data":
                await self._send_shown(to_record(content["data"]))

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Pass on what the kernel's process or a child of it wrote, within the limit."""
        kept = self._budget.take(stream, data)
        self._check_budget()
        if kept:
            await self._sink.output(stream, kept)

    async def _send_text(self, stream: StreamName, text: str) -> None:
        await self.output(stream, text.encode("utf-8", "replace"))

    async def _send_shown(self, record: Record | None) -> None:
        if isinstance(record, Output):
            await self._send_text(record.stream, record.data.decode())
        elif record is not None:
            size = len(getattr(record, "data", "") or getattr(record, "text", ""))
            if self._budget.take_whole(size):
                await self._sink.show(record)
            self._check_budget()

    def _check_budget(self) -> None:
        if self._budget.kills:
            self._stop_gently("output", (LIMIT_GRACE, 0.0))

    async def _answer_prompts(self) -> None:
        while True:
            message = await self._kernel.client.get_stdin_msg()
            if message["msg_type"] != "input_request":
                continue
            await self._published.caught_up()
            await self._kernel.program.caught_up()
            if message["content"]["prompt"] == SHOWN:
                self._kernel.client.input("")
                continue
            await self._send_text("stdout", message["content"]["prompt"])
            if not self._typed:
                self._typing.clear()
                await self._sink.waiting(bool(message["content"].get("password")))
                await self._typing.wait()
            self._kernel.client.input(self._typed.popleft())

    def _stop_gently(self, cause: StopCause, patience: tuple[float, float]) -> None:
        if self._stopped_by is None:
            self._stopped_by = cause
            self._patience = patience
            self._typed.clear()
            self._stopping.set()

    async def _escalate(self) -> None:
        await self._stopping.wait()
        for seconds in self._patience:
            self._kernel.program.send_interrupt()
            await asyncio.wait([self._kernel.ended], timeout=seconds)
        self._kernel.program.stop(self._stopped_by or "interrupt")

    async def _enforce_wall_time(self) -> None:
        if self._limits.wall_time is not None:
            await asyncio.wait([self._kernel.ended], timeout=self._limits.wall_time)
            self._stop_gently("wall-time", (LIMIT_GRACE, 0.0))

    async def _enforce_usage(self, cpu_before: float) -> None:
        limits = self._limits
        if limits.memory is None and limits.processes is None and limits.cpu_time is None:
            return
        while not self._kernel.ended.done():
            used = self._kernel.program.usage()
            self._peak = max(self._peak, used.memory)
            cause = exceeded(used.since(cpu_before), limits)
            if cause == "cpu-time":
                self._stop_gently(cause, (LIMIT_GRACE, 0.0))
            elif cause is not None:
                self.stop(cause)
            await asyncio.wait([self._kernel.ended], timeout=SAMPLE_TIME)


def _asks_to_end(payload: Message) -> bool:
    return payload.get("source") == "ask_exit" and not payload.get("keepkernel")


def _exit_code(reply: Message) -> int:
    """Return what `sys.exit(...)` in a cell would have made of a process; it goes on here."""
    value = str(reply.get("evalue", ""))
    if value in ("", "None"):
        return 0
    return int(value) % 256 if value.lstrip("-").isdecimal() else ERROR_EXIT
