"""Interrupting stops what runs, all of it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import until, until_printed
from polykernel import WaitingInput

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])

WAITS = """
import signal, sys
print("up", flush=True)
try:
    signal.pause()
except KeyboardInterrupt:
    print("heard by", *sys.argv[1:], flush=True)
"""
IGNORES = """
import signal, sys
def last_word(*_):
    print("told to end", flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, last_word)
print("up", flush=True)
while True:
    signal.pause()
"""
ASKS = """
#include <stdio.h>
int main(void) {
    char name[99];
    printf("name? ");
    if (scanf("%98s", name) != 1) return 1;
    printf("hello %s\\n", name);
}
"""


@PYTHON
async def test_defect_03_interrupt_reaches_the_whole_group(kernel: Kernel) -> None:
    shell = "python3 main.py first | (python3 main.py second; cat); exit 5"
    run = kernel.run({"main.py": WAITS}, build=False, exec=shell)
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert result.verdict == "interrupted"
    assert "heard by second" in result.text
    assert result.wall_time < 5


@PYTHON
async def test_who_ignores_the_interrupt_is_told_to_end(kernel: Kernel) -> None:
    run = kernel.run({"main.py": IGNORES})
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.text, result.verdict, result.exit_code) == ("told to end\n", "interrupted", 0)


@C
async def test_who_ignores_that_too_is_killed(kernel: Kernel) -> None:
    run = kernel.execute("exec", "trap '' INT TERM; echo up; while :; do sleep 600; done")
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.signal, result.exit_code) == ("interrupted", "SIGKILL", 137)
    assert (await kernel.execute("exec", "echo next")).text == "next\n"


@C
async def test_defect_10_interrupt_during_a_prompt_ends_the_prompt(kernel: Kernel) -> None:
    run = kernel.run({"main.c": ASKS})
    assert (await until(run, WaitingInput))[0] == "name? "

    await kernel.interrupt()
    await kernel.input("late")
    result = await run
    again = kernel.run(build=False)
    prompt, _ = await until(again, WaitingInput)
    await kernel.input("Ada")

    assert (result.verdict, result.exit_code, result.text) == ("interrupted", 130, "")
    assert prompt == "name? "
    assert (await again).text == "hello Ada\n"


@C
async def test_an_interrupt_of_the_build_ends_the_run_too(fresh: Fresh) -> None:
    makefile = "main:\n\t@echo building && sleep 600\n"
    async with fresh() as kernel:
        run = kernel.run({"Makefile": makefile})
        await until_printed(run, "building\n")

        await kernel.interrupt()
        result = await run

    assert result.build is not None
    assert result.build.verdict == "interrupted"
    assert (result.verdict, result.exit_code) == ("interrupted", 130)


@C
async def test_an_interrupt_with_nothing_running_hits_nothing(kernel: Kernel) -> None:
    await kernel.interrupt()

    assert (await kernel.execute("exec", "echo fine")).text == "fine\n"


@C
async def test_an_interrupt_leaves_queued_runs_alone(kernel: Kernel) -> None:
    first = kernel.execute("exec", "echo up; sleep 600")
    second = kernel.execute("exec", "echo second")
    await until_printed(first, "up\n")

    await kernel.interrupt()

    assert (await first).verdict == "interrupted"
    assert (await second).text == "second\n"


@C
async def test_a_queued_run_can_be_cancelled(kernel: Kernel) -> None:
    first = kernel.execute("exec", "read line; echo $line")
    second = kernel.execute("exec", "echo never")
    third = kernel.execute("exec", "echo third")
    await until(first, WaitingInput)

    await second.cancel()
    await kernel.input("first")

    assert (await first).text == "first\n"
    cancelled = await second
    assert (cancelled.verdict, cancelled.stdout) == ("interrupted", b"")
    assert (await third).text == "third\n"
