"""What a client asks."""

from __future__ import annotations

from typing import TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.protocol.apps import AppRequest
from polykernel_runner.protocol.assistance import AssistanceRequest
from polykernel_runner.protocol.frames import Step
from polykernel_runner.protocol.jobs import Job


@dataclass(frozen=True, slots=True)
class RunStep:
    """One batch step: a shell command, `""` to skip it, `*` for the language's own way."""

    step: Step
    command: str


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Evaluate source text."""

    code: str


@dataclass(frozen=True, slots=True)
class RunJob:
    """One whole job of part 2."""

    job: Job


@dataclass(frozen=True, slots=True)
class Reset:
    """Forget the query state."""


@dataclass(frozen=True, slots=True)
class Input:
    """Text for the program that waits, or typed ahead."""

    text: str


@dataclass(frozen=True, slots=True)
class InputEof:
    """Close the program's standard input."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop what runs now."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the run of that id, queued or running."""

    run_id: bytes


@dataclass(frozen=True, slots=True)
class GetStatus:
    """Ask for liveness."""


@dataclass(frozen=True, slots=True)
class NotifyEvent:
    """The host tells of something: `oom` when it saw processes killed for want of memory."""

    type: str


@dataclass(frozen=True, slots=True)
class ResizeTerminal:
    """The client's terminal has so many rows and columns now."""

    rows: int
    cols: int


@dataclass(frozen=True, slots=True)
class SayHello:
    """Ask what this kernel is."""


Request: TypeAlias = (
    RunStep
    | RunQuery
    | RunJob
    | Reset
    | Input
    | InputEof
    | Interrupt
    | Cancel
    | GetStatus
    | SayHello
    | NotifyEvent
    | ResizeTerminal
    | AssistanceRequest
    | AppRequest
)
