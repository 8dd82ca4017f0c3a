"""From a program's ending to what is told of it."""

from __future__ import annotations

from signal import SIGKILL, SIGRTMIN, SIGSEGV
from typing import Any

import pytest

from polykernel_runner.protocol import Finished, Limits
from polykernel_runner.protocol.verdict import Ending, StopCause, finished, not_run

CORE = 0x80
RT = SIGRTMIN + 3


@pytest.mark.parametrize(
    ("ending", "limits", "code", "verdict", "signal"),
    [
        ({"wait_status": 0}, {}, 0, "ok", None),
        ({"wait_status": 3 << 8}, {}, 3, "error", None),
        ({"wait_status": 255 << 8}, {}, 255, "error", None),
        ({"wait_status": SIGSEGV}, {}, 139, "signal", "SIGSEGV"),
        ({"wait_status": SIGSEGV | CORE}, {}, 139, "signal", "SIGSEGV"),
        ({"wait_status": RT}, {}, 128 + RT, "signal", f"SIG{RT}"),
        ({"wait_status": 9, "stopped_by": "wall-time"}, {}, 137, "time-limit", "SIGKILL"),
        ({"wait_status": 9, "stopped_by": "cpu-time"}, {}, 137, "time-limit", "SIGKILL"),
        ({"wait_status": 9, "stopped_by": "memory"}, {}, 137, "memory-limit", "SIGKILL"),
        ({"wait_status": 9, "stopped_by": "output"}, {}, 137, "output-limit", "SIGKILL"),
        ({"wait_status": 9, "stopped_by": "processes"}, {}, 137, "signal", "SIGKILL"),
        ({"wait_status": 2, "stopped_by": "interrupt"}, {}, 130, "interrupted", "SIGINT"),
        ({"wait_status": 0, "stopped_by": "interrupt"}, {}, 0, "interrupted", None),
        ({"wait_status": 9, "stopped_by": "shutdown"}, {}, 137, "interrupted", "SIGKILL"),
        ({"wait_status": 9, "oom_killed": True}, {}, 137, "memory-limit", "SIGKILL"),
        ({"wait_status": 0, "oom_killed": True}, {}, 0, "ok", None),
        (
            {"wait_status": 9, "oom_killed": True, "stopped_by": "interrupt"},
            {}, 137, "interrupted", "SIGKILL",
        ),
        ({"wait_status": 0, "cpu_time": 1.0}, {"cpu_time": 1.0}, 0, "time-limit", None),
        ({"wait_status": 0, "cpu_time": 0.9}, {"cpu_time": 1.0}, 0, "ok", None),
        ({"wait_status": 24, "cpu_time": 2.0}, {"cpu_time": 1.0}, 152, "time-limit", "SIGXCPU"),
        ({"wait_status": 1 << 8, "max_rss": 101}, {"memory": 100}, 1, "memory-limit", None),
        ({"wait_status": 0, "max_rss": 100}, {"memory": 100}, 0, "ok", None),
        ({"wait_status": 0, "dropped_stdout": 5}, {"output": 1}, 0, "ok", None),
    ],
)  # fmt: skip
def test_defect_04_what_is_told_of_an_ending(
    ending: dict[str, Any], limits: dict[str, Any], code: int, verdict: str, signal: str | None
) -> None:
    told = finished("exec", Ending(**ending), Limits(**limits))
    assert (told.exit_code, told.verdict, told.signal) == (code, verdict, signal)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("wall-time", "limits.wallTime was reached"),
        ("cpu-time", "limits.cpuTime was reached"),
        ("memory", "limits.memory was exceeded"),
        ("processes", "limits.processes was exceeded"),
        ("output", "limits.output was exceeded"),
        ("shutdown", "the kernel was shut down"),
        ("interrupt", None),
    ],
)
def test_the_reason_names_the_limit(cause: StopCause, reason: str | None) -> None:
    told = finished("build", Ending(wait_status=SIGKILL, stopped_by=cause), Limits())
    assert (told.step, told.reason) == ("build", reason)


def test_the_container_s_memory_is_told_from_the_limit() -> None:
    told = finished("exec", Ending(wait_status=SIGKILL, oom_killed=True), Limits())
    assert told.reason == "the container ran out of memory"


def test_what_was_used_is_passed_on() -> None:
    ending = Ending(
        wait_status=0, wall_time=1.5, cpu_time=0.5, max_rss=4096, dropped_stdout=1,
        dropped_stderr=2,
    )  # fmt: skip
    assert finished("exec", ending, Limits(), "kept") == Finished(
        step="exec", exit_code=0, verdict="ok", wall_time=1.5, cpu_time=0.5, max_rss=4096,
        dropped_stdout=1, dropped_stderr=2, state="kept",
    )  # fmt: skip


def test_what_did_not_run_says_why() -> None:
    assert not_run("build", "refused", 127, "no") == Finished(
        step="build", exit_code=127, verdict="refused", reason="no"
    )
