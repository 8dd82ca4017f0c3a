"""Limits, and the verdicts that tell of them."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import finished
from support.programs import processes

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_runner.protocol import Finished
    from support.programs import Runs

SPIN = "while :; do :; done"


async def limited(runs: Runs, script: str, limits: Limits) -> tuple[Finished, bytes]:
    ending, stdout, _ = await runs.sh(script, limits=limits)
    return finished("exec", ending, limits), stdout


async def test_wall_time(runs: Runs) -> None:
    began = time.monotonic()
    told, stdout = await limited(runs, "echo so far; sleep 4713.01", Limits(wall_time=0.4))
    assert (told.verdict, told.exit_code, told.reason) == (
        "time-limit",
        137,
        "limits.wallTime was reached",
    )
    assert stdout == b"so far\n"
    assert 0.4 <= told.wall_time <= time.monotonic() - began
    assert not processes(marked="4713.01")


async def test_wall_time_holds_for_who_ignores_signals(runs: Runs) -> None:
    told, _ = await limited(runs, f"trap '' TERM INT; {SPIN}", Limits(wall_time=0.3))
    assert told.verdict == "time-limit"


async def test_cpu_time(runs: Runs) -> None:
    told, _ = await limited(runs, SPIN, Limits(cpu_time=0.3))
    assert (told.verdict, told.reason) == ("time-limit", "limits.cpuTime was reached")
    assert 0.25 <= told.cpu_time < 2


async def test_cpu_time_of_all_processes_counts(runs: Runs) -> None:
    told, _ = await limited(runs, f"({SPIN}) & ({SPIN}) & wait", Limits(cpu_time=0.3))
    assert told.verdict == "time-limit"


async def test_who_sleeps_uses_no_cpu_time(runs: Runs) -> None:
    told, _ = await limited(runs, "sleep .5", Limits(cpu_time=0.3))
    assert told.verdict == "ok"


async def test_memory(runs: Runs) -> None:
    script = "import time; b = b'x' * 200_000_000; time.sleep(4713)"
    limits = Limits(memory=100_000_000)
    ending, _, _ = await runs(sys.executable, "-c", script, limits=limits)
    told = finished("exec", ending, limits)
    assert (told.verdict, told.exit_code) == ("memory-limit", 137)
    assert told.reason == "limits.memory was exceeded"


async def test_memory_that_was_used_between_two_looks_counts(runs: Runs) -> None:
    limits = Limits(memory=50_000_000)
    ending, _, _ = await runs(sys.executable, "-c", "b = b'x' * 60_000_000", limits=limits)
    assert finished("exec", ending, limits).verdict == "memory-limit"


async def test_processes(runs: Runs) -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 4713.02 & done; wait"
    told, _ = await limited(runs, script, Limits(processes=5))
    assert (told.verdict, told.signal) == ("signal", "SIGKILL")
    assert told.reason == "limits.processes was exceeded"
    assert not processes(marked="4713.02")


async def test_one_process_may_be_the_limit_and_the_watcher_is_none(runs: Runs) -> None:
    for _ in range(30):
        program, _, run = runs.start("cat", limits=Limits(processes=1))
        program.input("through")
        program.input_eof()
        assert finished("exec", await run, Limits()).verdict == "ok"


async def test_file_size(runs: Runs) -> None:
    told, _ = await limited(runs, "exec head -c 100000 /dev/zero >big", Limits(file_size=10_000))
    assert told.signal == "SIGXFSZ"
    assert (runs.directory / "big").stat().st_size == 10_000


async def test_a_limit_above_the_container_s_own_is_the_container_s(
    runs: Runs, tmp_path: Path
) -> None:
    strict = tmp_path / "strict"
    strict.write_text(f'#!/bin/sh\nulimit -f 8\nexec {runs.launcher} "$@"\n')
    strict.chmod(0o755)
    told, _ = await limited(
        type(runs)(strict, tmp_path),
        "exec head -c 100000 /dev/zero >big",
        Limits(file_size=10_000_000),
    )
    assert told.signal == "SIGXFSZ"
    assert (tmp_path / "big").stat().st_size == 8 * 512


async def test_output_is_cut_and_counted(runs: Runs) -> None:
    told, stdout = await limited(
        runs, "printf 0123456789; printf abcdef >&2; echo; exit 4", Limits(output=8)
    )
    assert (told.verdict, told.exit_code) == ("error", 4)
    assert len(stdout) <= 8
    assert told.dropped_stdout + told.dropped_stderr == 17 - 8


async def test_output_may_end_the_run(runs: Runs) -> None:
    told, stdout = await limited(runs, "yes", Limits(output=1_000_000, output_action="kill"))
    assert (told.verdict, told.signal) == ("output-limit", "SIGKILL")
    assert told.reason == "limits.output was exceeded"
    assert len(stdout) == 1_000_000


async def test_as_much_output_as_is_allowed_is_no_excess(runs: Runs) -> None:
    told, stdout = await limited(runs, "printf 1234", Limits(output=4, output_action="kill"))
    assert (told.verdict, stdout, told.dropped_stdout) == ("ok", b"1234", 0)


@pytest.mark.parametrize("wall_time", [1e9, 1e300])
async def test_a_limit_beyond_all_bounds_is_none(runs: Runs, wall_time: float) -> None:
    limits = Limits(
        wall_time=wall_time,
        cpu_time=wall_time,
        memory=2**70,
        output=2**70,
        processes=2**70,
        file_size=2**70,
    )
    told, stdout = await limited(runs, "echo free >f; cat f", limits)
    assert (told.verdict, stdout) == ("ok", b"free\n")


async def test_the_kernel_s_own_signal_for_cpu_time_is_never_first(runs: Runs) -> None:
    told, _ = await limited(runs, SPIN, Limits(cpu_time=1.0))
    assert (told.verdict, told.signal) == ("time-limit", signal.SIGKILL.name)
