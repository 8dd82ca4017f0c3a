"""What is queued, and where what it produces goes."""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from polykernel_runner.channel import Channel
from polykernel_runner.dataclass import dataclass
from polykernel_runner.protocol import (
    Output,
    Record,
    Reset,
    RunJob,
    RunQuery,
    RunStep,
    Step,
    StreamName,
    WaitingInput,
)

# Bytes of one record. An agent of part 1 cuts off what is beyond 10 MiB of one, without a word.
LARGEST_OUTPUT = 256 * 1024


@dataclass(frozen=True, slots=True)
class BadRun:
    """A run request that did not parse; it has its place in the queue, and an answer."""

    step: Step
    reason: str


Work: TypeAlias = RunStep | RunQuery | RunJob | Reset | BadRun


@dataclass(slots=True, eq=False)
class Run:
    """Something queued: what to do, the client's name for it, and what has come for it since."""

    work: Work
    run_id: bytes | None
    cancelled: bool = False
    typed: list[str] = field(default_factory=list)
    typed_eof: bool = False

    @property
    def step(self) -> Step:
        """Which ending record answers it."""
        return self.work.step if isinstance(self.work, RunStep | BadRun) else "exec"


class RunSink:
    """Sends what a run produces, under its run id."""

    def __init__(self, channel: Channel, run_id: bytes | None) -> None:
        self._channel = channel
        self._run_id = run_id

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Send output; the program waits meanwhile."""
        if len(data) <= LARGEST_OUTPUT:
            await self._channel.send(Output(stream, data), self._run_id)
            return
        for start in range(0, len(data), LARGEST_OUTPUT):
            part = data[start : start + LARGEST_OUTPUT]
            await self._channel.send(Output(stream, part), self._run_id)

    async def waiting(self, is_password: bool = False) -> None:
        """Say that the program waits for input."""
        await self._channel.send(WaitingInput(is_password), self._run_id)

    async def show(self, record: Record) -> None:
        """Send any record."""
        await self._channel.send(record, self._run_id)
