"""A kernel that is told to end tells what became of its runs, and is gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from driving.containers import boxed_kernel
from driving.kernels import until, until_printed
from polykernel import WaitingInput

if TYPE_CHECKING:
    from polykernel import Result, Run

GONE_IN = 2.0
C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])


async def _await(run: Run) -> Result:
    return await run


@C
async def test_defect_01_sigterm_in_the_middle_of_a_run_is_told_truly(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        run = kernel.execute("exec", "trap '' TERM INT; echo up; while :; do sleep 600; done")
        queued = kernel.execute("exec", "echo never")
        await until_printed(run, "up\n")
        (code, seconds), result, after = await asyncio.gather(
            asyncio.to_thread(box.stop), _await(run), _await(queued)
        )

    assert (result.verdict, result.signal, result.exit_code) == ("interrupted", "SIGKILL", 137)
    assert result.reason == "the kernel was shut down"
    assert (after.verdict, after.text) == ("interrupted", "")
    assert code == 0
    assert seconds < GONE_IN


@PYTHON
async def test_a_query_is_told_of_it_too(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        run = kernel.query("import time\nprint('up', flush=True)\ntime.sleep(600)")
        await until_printed(run, "up\n")
        (code, seconds), result = await asyncio.gather(asyncio.to_thread(box.stop), _await(run))

    assert (result.verdict, result.state) == ("interrupted", "lost")
    assert code == 0
    assert seconds < GONE_IN


@C
async def test_who_waits_for_input_does_not_hold_it(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        run = kernel.execute("exec", "read x")
        await until(run, WaitingInput)
        (code, seconds), result = await asyncio.gather(asyncio.to_thread(box.stop), _await(run))

    assert result.verdict == "interrupted"
    assert (code, seconds < GONE_IN) == (0, True)


@pytest.mark.parametrize("lang", ["c", "python"])
async def test_an_idle_kernel_ends_at_once(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        await kernel.query("1" if lang == "python" else "int main(void) {}")
        code, seconds = await asyncio.to_thread(box.stop)

    assert (code, seconds < GONE_IN) == (0, True)


@C
async def test_a_reader_that_does_not_read_does_not_hold_it(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        run = kernel.execute("exec", "cat /dev/zero")
        async for _ in run:
            break
        code, seconds = await asyncio.to_thread(box.stop)

    assert (code, seconds < GONE_IN + 1) == (0, True)
