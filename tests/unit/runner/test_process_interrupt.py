"""Interrupting: gently, then harder, and always all of it."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import finished
from support.programs import eventually, processes

if TYPE_CHECKING:
    from polykernel_runner.protocol import Finished
    from polykernel_runner.protocol.verdict import Ending
    from support.programs import Runs


async def told(run: asyncio.Task[Ending]) -> Finished:
    return finished("exec", await asyncio.wait_for(run, 30), Limits())


async def test_an_interrupt_is_sigint_first(runs: Runs) -> None:
    program, heard, run = runs.start_sh("trap 'echo caught; exit 5' INT; echo up; read x")
    await heard.until_said(b"up")
    program.interrupt()
    ending = await told(run)
    assert (ending.exit_code, ending.verdict, heard.said()) == (5, "interrupted", b"up\ncaught\n")


async def test_defect_03_the_whole_group_is_interrupted_not_only_the_shell(runs: Runs) -> None:
    program, heard, run = runs.start_sh(
        "sleep 4711.03 | sh -c 'echo up; exec cat'; echo not reached"
    )
    await heard.until_said(b"up")
    program.interrupt()
    ending = await told(run)
    assert (ending.exit_code, ending.signal) == (128 + signal.SIGINT, "SIGINT")
    assert heard.said() == b"up\n"
    assert not processes(marked="4711.03")


async def test_who_ignores_sigint_gets_sigterm(runs: Runs) -> None:
    program, heard, run = runs.start_sh(
        "trap '' INT; trap 'echo term; exit 6' TERM; echo up; while :; do sleep .05; done"
    )
    await heard.until_said(b"up")
    program.interrupt()
    ending = await told(run)
    assert (ending.exit_code, ending.verdict) == (6, "interrupted")
    assert heard.said() == b"up\nterm\n"


async def test_who_ignores_both_is_killed(runs: Runs) -> None:
    program, heard, run = runs.start_sh("trap '' INT TERM; echo up; while :; do sleep .05; done")
    await heard.until_said(b"up")
    began = time.monotonic()
    program.interrupt()
    ending = await told(run)
    assert (ending.exit_code, ending.verdict) == (128 + signal.SIGKILL, "interrupted")
    assert time.monotonic() - began > 2.5, "it had time to end by itself"


async def test_a_child_in_another_session_is_ended_too(runs: Runs) -> None:
    program, heard, run = runs.start_sh("setsid sleep 4711.04 & echo up; wait")
    await heard.until_said(b"up")
    program.interrupt()
    assert (await told(run)).verdict == "interrupted"
    assert not processes(marked="4711.04")


async def test_an_interrupt_at_the_very_beginning_is_not_lost(runs: Runs) -> None:
    for _ in range(20):
        program, _, run = runs.start("sleep", "4711.05")  # shells may miss a signal while they fork
        began = time.monotonic()
        await eventually(lambda: program.launcher > 0, "the launcher is started")  # noqa: B023
        program.interrupt()
        assert (await told(run)).verdict == "interrupted"
        assert time.monotonic() - began < 1.9, "it took more than a SIGINT"


async def test_interrupting_again_changes_nothing(runs: Runs) -> None:
    program, heard, run = runs.start_sh("trap 'echo once' INT; echo up; read x; echo end")
    await heard.until_said(b"up")
    for _ in range(5):
        program.interrupt()
    assert (await told(run)).verdict == "interrupted"
    assert heard.said().count(b"once") <= 1


async def test_an_interrupt_after_the_end_is_none(runs: Runs) -> None:
    program, _, run = runs.start_sh("exit 3")
    await run
    program.interrupt()
    assert (await told(run)).verdict == "error"


async def test_stop_ends_it_at_once(runs: Runs) -> None:
    program, heard, run = runs.start_sh("trap '' INT TERM; echo up; sleep 4711.06")
    await heard.until_said(b"up")
    program.stop("shutdown")
    ending = await told(run)
    assert (ending.exit_code, ending.verdict) == (137, "interrupted")
    assert ending.reason == "the kernel was shut down"
    assert not processes(marked="4711.06")


async def test_a_runner_that_ignores_interrupts_does_not_bequeath_it(runs: Runs) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        program, heard, run = runs.start_sh("echo up; exec sleep 4711.09")
        await heard.until_said(b"up")
    finally:
        signal.signal(signal.SIGINT, before)
    program.interrupt()
    ending = await told(run)
    assert (ending.exit_code, ending.signal) == (130, "SIGINT")


async def test_cancelling_the_run_leaves_no_process(runs: Runs) -> None:
    _, heard, run = runs.start_sh("trap '' INT TERM; setsid sleep 4711.07 & echo up; sleep 4711.07")
    await heard.until_said(b"up")
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert run.cancelled()
    await eventually(lambda: not processes(marked="4711.07"), "no process is left")


async def test_a_terminated_program_may_clean_up(runs: Runs) -> None:
    program, heard, run = runs.start_sh("trap 'echo bye; exit 0' TERM; echo up; read x")
    await heard.until_said(b"up")
    program.terminate(20.0)
    ending = await told(run)
    assert (ending.exit_code, ending.verdict, heard.said()) == (0, "interrupted", b"up\nbye\n")


async def test_a_terminated_program_that_stays_is_killed_with_all_it_started(runs: Runs) -> None:
    program, heard, run = runs.start_sh(
        "trap '' TERM; sh -c 'trap \"\" TERM; echo up; while :; do sleep .04711; done'"
    )
    await heard.until_said(b"up")
    program.terminate(0.2)
    ending = await told(run)
    assert (ending.exit_code, ending.signal) == (128 + signal.SIGKILL, "SIGKILL")
    assert not processes(marked=".04711")
