"""What is said of a program's ending: the exit code and the verdict."""

from __future__ import annotations

import os
import signal
from typing import Literal, TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.protocol.frames import Step
from polykernel_runner.protocol.limits import Limits
from polykernel_runner.protocol.records import Finished, State, Verdict

StopCause: TypeAlias = Literal[
    "wall-time", "cpu-time", "memory", "container", "processes", "output", "interrupt", "shutdown"
]

NOTHING_TO_RUN = 127
RUNNER_FAILED = -1
OUT_OF_MEMORY = "the container ran out of memory"

_VERDICTS: dict[StopCause, Verdict] = {
    "wall-time": "time-limit",
    "cpu-time": "time-limit",
    "memory": "memory-limit",
    "container": "memory-limit",
    "output": "output-limit",
    "interrupt": "interrupted",
    "shutdown": "interrupted",
}
_REASONS: dict[StopCause, str] = {
    "wall-time": "limits.wallTime was reached",
    "cpu-time": "limits.cpuTime was reached",
    "memory": "limits.memory was exceeded",
    "container": OUT_OF_MEMORY,
    "output": "limits.output was exceeded",
    "processes": "limits.processes was exceeded",
    "shutdown": "the kernel was shut down",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a program ended: `wait_status` as wait(2) gives it, seconds, bytes.

    `stopped_by` is why the runner ended it, if it did; `oom_killed` that the kernel did, for want
    of memory.
    """

    wait_status: int
    stopped_by: StopCause | None = None
    oom_killed: bool = False
    wall_time: float = 0.0
    cpu_time: float = 0.0
    max_rss: int = 0
    dropped_stdout: int = 0
    dropped_stderr: int = 0


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _verdict(ending: Ending, limits: Limits, code: int) -> tuple[Verdict, StopCause | None]:
    cause = ending.stopped_by
    if cause is None:
        # What was used up between two looks of the monitor shows in the final account.
        if limits.cpu_time is not None and ending.cpu_time >= limits.cpu_time:
            cause = "cpu-time"
        elif ending.oom_killed and code:
            return "memory-limit", None
        elif limits.memory is not None and ending.max_rss > limits.memory:
            cause = "memory"
        elif limits.output_action == "kill" and (ending.dropped_stdout or ending.dropped_stderr):
            cause = "output"
    if cause is not None and cause in _VERDICTS:
        return _VERDICTS[cause], cause
    if code < 0:
        return "signal", cause
    return ("error" if code else "ok"), cause


def finished(step: Step, ending: Ending, limits: Limits, state: State = "none") -> Finished:
    """Return the ending record of a program that ran."""
    code = os.waitstatus_to_exitcode(ending.wait_status)
    verdict, cause = _verdict(ending, limits, code)
    reason = None if cause is None else _REASONS.get(cause)
    if verdict == "memory-limit" and cause is None:
        reason = OUT_OF_MEMORY
    return Finished(
        step=step,
        exit_code=code if code >= 0 else 128 - code,
        verdict=verdict,
        signal=_signal_name(-code) if code < 0 else None,
        wall_time=ending.wall_time,
        cpu_time=ending.cpu_time,
        max_rss=ending.max_rss,
        dropped_stdout=ending.dropped_stdout,
        dropped_stderr=ending.dropped_stderr,
        state=state,
        reason=reason,
    )


def not_run(step: Step, verdict: Verdict, exit_code: int, reason: str | None = None) -> Finished:
    """Return the ending record of a step for which no program ran."""
    return Finished(step=step, exit_code=exit_code, verdict=verdict, reason=reason)
