"""What a program leaves behind holds nothing up and does not stay."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

from polykernel_runner.process import DRAIN_TIME
from support.programs import children, eventually, open_descriptors, processes

if TYPE_CHECKING:
    from support.programs import Runs

ORPHANS = """
import os, time
for _ in range(30):
    if not (pid := os.fork()):
        if not os.fork():
            os._exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
print("made", flush=True)
input()
"""
WAIT_FOR_A_READER = "while ! (exec 3<>held) 2>/dev/null; do :; done"


async def test_defect_02_a_background_child_does_not_hold_the_run(runs: Runs) -> None:
    began = time.monotonic()
    ending, stdout, _ = await runs.sh("sleep 4712.01 & echo done")
    assert (ending.wait_status, stdout) == (0, b"done\n")
    assert time.monotonic() - began < 10
    assert ending.wall_time < DRAIN_TIME + 5
    assert not processes(marked="4712.01")


async def test_defect_02_what_a_background_child_still_says_in_time_arrives(runs: Runs) -> None:
    script = "(while kill -0 $$ 2>/dev/null; do :; done; echo late) & exit 0"
    _, stdout, _ = await runs.sh(script)
    assert stdout == b"late\n"


async def test_a_daemon_is_gone_afterwards(runs: Runs) -> None:
    ending, stdout, _ = await runs.sh(
        "setsid sh -c 'exec >/dev/null 2>&1 </dev/null; setsid sleep 4712.02 & wait' & echo done"
    )
    assert (ending.wait_status, stdout) == (0, b"done\n")
    assert not processes(marked="4712.02")


async def test_a_background_child_that_ignores_signals_is_gone_too(runs: Runs) -> None:
    await runs.sh("(trap '' INT TERM HUP; sleep 4712.03; :) & exit 0")
    assert not processes(marked="4712.03")


async def test_what_is_to_be_kept_lives_until_it_ends_by_itself(runs: Runs) -> None:
    script = "(while [ ! -e go ]; do sleep .01; done; echo late) & echo done; exit 3"
    program, heard, run = runs.start_sh(script, stdin=b"", keep_leftovers=True)
    await heard.until_said(b"done")
    assert (await asyncio.shield(program.exit)).status == 3 << 8
    assert not run.done()
    (runs.directory / "go").touch()
    await heard.until_said(b"late")
    assert (await run).wait_status == 3 << 8


async def test_what_is_to_be_kept_is_gone_when_nobody_waits_any_more(runs: Runs) -> None:
    script = "setsid sleep 4712.04 & sleep 4712.04 & exit 0"
    program, _, run = runs.start_sh(script, stdin=b"", keep_leftovers=True)
    await asyncio.shield(program.exit)
    await eventually(lambda: len(processes(marked="sleep\0004712.04")) == 2, "both are there")
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert not processes(marked="4712.04")


async def test_orphans_are_reaped(runs: Runs) -> None:
    program, heard, run = runs.start_python(ORPHANS)
    await heard.until_said(b"made")
    launcher = program.launcher
    await eventually(lambda: len(children(launcher)) == 1, "only the watcher is left, no zombies")
    program.input("")
    assert (await run).wait_status == 0


async def test_a_program_that_closes_its_output_early_runs_on(runs: Runs) -> None:
    script = "echo before; exec >&- 2>&-; while [ ! -e go ]; do sleep .01; done; exit 7"
    program, heard, run = runs.start_sh(script)
    await heard.until_said(b"before")
    (runs.directory / "go").touch()
    ending = await run
    assert ending.wait_status == 7 << 8
    assert program.pid > 0


async def test_many_runs_in_sequence_leave_nothing(runs: Runs) -> None:
    await runs("true")  # what is loaded once is loaded now
    descriptors, offspring = open_descriptors(), set(children())
    for number in range(3000):
        ending, _, _ = await runs("true", stdin=None if number % 2 else b"")
        assert ending.wait_status == 0
    assert open_descriptors() == descriptors
    assert set(children()) == offspring


async def test_a_runner_with_much_memory_starts_programs_as_well(runs: Runs) -> None:
    _, stdout, _ = await runs(
        sys.executable,
        "-c",
        "import resource as r;print(r.getrusage(r.RUSAGE_SELF).ru_maxrss < 200_000)",
    )
    assert stdout == b"True\n"
