"""Standard input: given, typed, typed ahead, ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from support.programs import eventually

if TYPE_CHECKING:
    from support.programs import Runs


async def test_given_input_ends(runs: Runs) -> None:
    _, stdout, _ = await runs.sh("cat; echo end", stdin=b"no newline")
    assert stdout == b"no newlineend\n"


async def test_defect_05_empty_input_is_the_end_at_once(runs: Runs) -> None:
    ending, stdout, _ = await runs("cat", stdin=b"")
    assert (ending.wait_status, stdout) == (0, b"")


async def test_defect_07_given_input_larger_than_any_pipe_comes_whole(runs: Runs) -> None:
    given = b"0123456789abcdef" * 500_000
    _, stdout, _ = await runs("cat", stdin=given)
    assert stdout == given


async def test_who_does_not_read_what_is_given_is_not_held(runs: Runs) -> None:
    ending, stdout, _ = await runs.sh("echo done", stdin=b"x" * 5_000_000)
    assert (ending.wait_status, stdout) == (0, b"done\n")


async def test_who_closes_its_input_is_not_held(runs: Runs) -> None:
    ending, _, _ = await runs.sh("exec <&-; sleep .1; exit 3", stdin=b"x" * 5_000_000)
    assert ending.wait_status == 3 << 8


async def test_a_line_has_a_newline_but_not_two(runs: Runs) -> None:
    program, heard, run = runs.start("cat")
    for line in ("one", "two\n", "", "ünf"):
        program.input(line)
    program.input_eof()
    await run
    assert heard.said() == "one\ntwo\n\nünf\n".encode()


async def test_input_may_be_typed_ahead(runs: Runs) -> None:
    program, heard, run = runs.start_sh("while [ ! -e go ]; do sleep .01; done; read x; echo $x")
    program.input("early")
    (runs.directory / "go").touch()
    await run
    assert (heard.said(), heard.waits) == (b"early\n", 0)


async def test_what_was_typed_ahead_too_much_does_not_hold_the_run(runs: Runs) -> None:
    program, heard, run = runs.start_sh("read x; echo $x")
    for _ in range(3):
        program.input("y" * 500_000)
    assert (await run).wait_status == 0
    assert heard.said() == b"y" * 500_000 + b"\n"


async def test_typed_ahead_beyond_a_pipe_comes_whole(runs: Runs) -> None:
    program, heard, run = runs.start("wc", "-c")
    for _ in range(3):
        program.input("y" * 499_999)
    program.input_eof()
    await run
    assert heard.said().split() == [b"1500000"]


async def test_the_end_of_the_input_wakes_who_waits(runs: Runs) -> None:
    program, heard, run = runs.start_sh("read x || echo end")
    await heard.until_waits(1)
    program.input_eof()
    program.input("too late")
    await run
    assert heard.said() == b"end\n"


async def test_input_after_the_end_harms_nothing(runs: Runs) -> None:
    program, _, run = runs.start("true")
    await run
    program.input("x")
    program.input_eof()


async def test_an_answer_that_comes_before_the_look_is_not_asked_for_again(runs: Runs) -> None:
    """A watcher that saw the read before the answer came must not be believed after it."""
    for _ in range(30):
        program, heard, run = runs.start_sh("read x; while [ ! -e go ]; do sleep .01; done")
        await eventually(lambda: program.pid > 0, "it is started")  # noqa: B023
        program.input("quick")
        seen = heard.waits
        (runs.directory / "go").touch()
        await run
        assert heard.waits <= max(seen, 1)
        assert heard.waits == 0 or heard.events[0][0] == "waiting"
        (runs.directory / "go").unlink()


async def test_defect_10_an_interrupted_prompt_waits_no_more(runs: Runs) -> None:
    program, heard, run = runs.start_sh("echo name?; read x; echo never")
    await heard.until_waits(1)
    program.interrupt()
    assert (await asyncio.wait_for(run, 30)).stopped_by == "interrupt"
    assert heard.said() == b"name?\n"


async def test_300_questions_are_told_of_one_by_one(runs: Runs) -> None:
    script = "i=0; while [ $i -lt 300 ]; do read x; echo $x; i=$((i+1)); done"
    program, heard, run = runs.start_sh(script)
    for number in range(300):
        await heard.until_waits(number + 1)
        program.input(f"line {number}")
    assert (await run).wait_status == 0
    assert heard.said().count(b"line") == heard.waits == 300
