"""What a kernel answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.protocol.apps import AppRecord
from polykernel_runner.protocol.assistance import AssistanceRecord
from polykernel_runner.protocol.frames import Step

StreamName: TypeAlias = Literal["stdout", "stderr"]
State: TypeAlias = Literal["kept", "lost", "none"]
Level: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Verdict: TypeAlias = Literal[
    "ok",
    "error",
    "signal",
    "time-limit",
    "memory-limit",
    "output-limit",
    "interrupted",
    "skipped",
    "refused",
    "internal",
]


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes of a program, as it wrote them, in any encoding."""

    stream: StreamName
    data: bytes


@dataclass(frozen=True, slots=True)
class Media:
    """Something to show: `data` is a `data:` URL for images, else the text."""

    type: str
    data: str


@dataclass(frozen=True, slots=True)
class Html:
    """HTML text to show."""

    text: str


@dataclass(frozen=True, slots=True)
class Log:
    """One line of the runner's own log."""

    text: str
    level: Level = "INFO"


@dataclass(frozen=True, slots=True)
class WaitingInput:
    """The program is blocked reading its standard input."""

    is_password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a run ended. Every clean, build, exec, code and job has exactly one for its step.

    `exit_code` is the program's own, 128+N for signal N, 127 when there was nothing to run, and
    negative only for a failure of the runner itself. `wall_time` and `cpu_time` are seconds,
    `max_rss` is bytes, `dropped_*` are bytes that `limits.output` kept back. `reason` says why
    where a verdict alone does not.
    """

    step: Step
    exit_code: int
    verdict: Verdict
    signal: str | None = None
    wall_time: float = 0.0
    cpu_time: float = 0.0
    max_rss: int = 0
    dropped_stdout: int = 0
    dropped_stderr: int = 0
    state: State = "none"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Liveness: `started_at` in seconds since the epoch, `queued` runs behind the running one."""

    started_at: float
    ready: bool
    running: bool
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What this kernel is and can."""

    protocol: int
    runner: str
    language: str
    language_version: str | None
    features: tuple[str, ...]
    limits: Mapping[str, Any] = field(default_factory=dict)
    busy: bool = False


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record of a type this version does not know; clients pass over it."""

    type: str
    payload: bytes


Record: TypeAlias = (
    Output
    | Media
    | Html
    | Log
    | WaitingInput
    | Finished
    | Status
    | Hello
    | AssistanceRecord
    | AppRecord
    | OtherRecord
)
