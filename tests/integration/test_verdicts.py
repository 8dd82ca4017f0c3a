"""What a run came to is told truly, with all it said until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import until_printed
from polykernel import Limits

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])


@C
async def test_ok_and_error_come_with_their_account(kernel: Kernel) -> None:
    good = await kernel.execute("exec", "echo out; echo err >&2; sleep 0.3")
    bad = await kernel.execute("exec", "exit 3")

    assert (good.verdict, good.exit_code, good.signal, good.reason) == ("ok", 0, None, None)
    assert (good.stdout, good.stderr) == (b"out\n", b"err\n")
    assert 0.3 <= good.wall_time < 2
    assert 0 < good.max_rss < 50 << 20
    assert good.cpu_time < 0.3
    assert good.dropped == (0, 0)
    assert (bad.verdict, bad.exit_code) == ("error", 3)


@C
async def test_partial_output_is_delivered_however_a_run_ends(kernel: Kernel) -> None:
    say = "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; echo err >&2;"
    all_of_it = "".join(f"line {n}\n" for n in range(2000)).encode()
    killed = await kernel.execute("exec", f"{say} kill -9 $$")
    timed = await kernel.run(build=False, exec=f"{say} sleep 60", limits=Limits(wall_time=1))
    run = kernel.execute("exec", f"{say} sleep 60")
    printed = await until_printed(run, "line 1999\n")
    await kernel.interrupt()
    interrupted = await run

    assert (killed.verdict, killed.stdout, killed.stderr) == ("signal", all_of_it, b"err\n")
    assert (timed.verdict, timed.stdout, timed.stderr) == ("time-limit", all_of_it, b"err\n")
    assert interrupted.verdict == "interrupted"
    assert printed.replace("err\n", "") + interrupted.text == all_of_it.decode()


@C
async def test_defect_06_the_streams_are_not_mixed_up(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "for n in 1 2 3; do echo out $n; echo err $n >&2; done")

    assert result.stdout == b"out 1\nout 2\nout 3\n"
    assert result.stderr == b"err 1\nerr 2\nerr 3\n"


@C
async def test_output_is_bytes_as_they_were_written(kernel: Kernel) -> None:
    result = await kernel.execute("exec", r"printf '\377\000\r\n\033[1m'; printf 'no newline'")

    assert result.stdout == b"\xff\x00\r\n\x1b[1mno newline"


@C
async def test_where_nothing_can_be_run_it_is_refused(fresh: Fresh) -> None:
    async with fresh() as kernel:
        missing = await kernel.execute("exec", "no-such-command")
        result = await kernel.run({"notes.txt": "no program"})

    assert (result.verdict, result.exit_code) == ("refused", 127)
    assert "nothing to run" in (result.reason or "")
    assert "nothing to run" in result.stderr.decode()
    assert (missing.verdict, missing.exit_code) == ("error", 127)


@C
async def test_what_is_left_out_is_skipped(kernel: Kernel) -> None:
    result = await kernel.run({"main.c": "int main(void) { return 7; }"}, exec=False)
    after = await kernel.run(build=False)

    assert (result.verdict, result.exit_code) == ("skipped", 0)
    assert result.build is not None
    assert result.build.verdict == "ok"
    assert (after.verdict, after.exit_code) == ("error", 7)


@C
async def test_a_failed_build_has_a_verdict_of_its_own(fresh: Fresh) -> None:
    async with fresh() as kernel:
        result = await kernel.run({"main.c": "int main(void) { return 0 }"})
        fixed = await kernel.run({"main.c": "int main(void) { return 0; }"})

    assert result.build is not None
    assert (result.build.verdict, result.build.exit_code) == ("error", 1)
    assert (result.verdict, result.exit_code) == ("skipped", 127)
    assert "main.c:1:" in result.stderr.decode()
    assert fixed.verdict == "ok"


@C
async def test_a_job_after_a_failed_one_is_its_own(fresh: Fresh) -> None:
    async with fresh() as kernel:
        await kernel.run({"main.c": "int main(void) { return 0 }"})
        result = await kernel.run({"a.txt": "a"}, build=False, exec="cat a.txt")

    assert (result.text, result.verdict) == ("a", "ok")


@C
async def test_where_no_state_is_kept_that_is_said(kernel: Kernel) -> None:
    result = await kernel.query("int main(void) { return 2; }")

    assert (result.state, result.verdict, result.exit_code) == ("none", "error", 2)


@PYTHON
async def test_the_state_of_queries_is_told_truly(fresh: Fresh) -> None:
    async with fresh() as kernel:
        before = await kernel.execute("exec", "true")
        kept = await kernel.query("x = 1")
        beside = await kernel.execute("exec", "true")
        reset = await kernel.reset()
        forgotten = await kernel.query("x")
        lost = await kernel.query("import os\nos._exit(9)")
        after = await kernel.query("1")

    assert before.state == "none"
    assert (kept.state, beside.state) == ("kept", "kept")
    assert (reset.state, reset.verdict) == ("none", "ok")
    assert (forgotten.verdict, forgotten.state) == ("error", "kept")
    assert (lost.state, lost.verdict, lost.exit_code) == ("lost", "error", 9)
    assert (after.state, after.verdict) == ("kept", "ok")
