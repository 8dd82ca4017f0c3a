"""What a program leaves behind neither holds its run nor outlives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.containers import boxed_kernel

if TYPE_CHECKING:
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])

DAEMON = """
import os, signal, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.execvp("sleep", ["sleep", "987654"])
    os._exit(0)
os.wait()
print("done")
"""


@C
async def test_defect_02_a_background_child_does_not_hold_the_run(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "sleep 600 & echo done")

    assert (result.text, result.verdict, result.exit_code) == ("done\n", "ok", 0)
    assert result.wall_time < 2


@C
async def test_the_exit_code_is_that_of_the_main_process(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "(sleep 600; exit 9) & exit 4")

    assert (result.verdict, result.exit_code) == ("error", 4)


@C
async def test_what_children_say_just_after_the_end_still_arrives(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "(sleep 0.05; echo late) & echo early")

    assert result.text == "early\nlate\n"


@C
async def test_a_child_that_writes_for_ever_does_not_hold_the_run(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "while :; do echo noise; done & echo done")

    assert result.verdict == "ok"
    assert b"done\n" in result.stdout


@PYTHON
async def test_children_that_left_the_session_are_ended_and_reaped(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        result = await kernel.run({"main.py": DAEMON})

        assert result.text == "done\n"
        assert box.pids("sleep 987654") == []
        assert box.zombies() == []


@PYTHON
async def test_a_background_child_of_a_query_does_not_hold_it(kernel: Kernel) -> None:
    code = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nprint('done')"
    first = await kernel.query(code)
    second = await kernel.query("print(child.poll()); child.kill(); child.wait()")

    assert (first.text, first.verdict) == ("done\n", "ok")
    assert second.text.startswith("None\n"), "a query's child lives as long as its state"


@C
async def test_a_thousand_orphans_are_reaped(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        result = await kernel.execute(
            "exec", "i=0; while [ $i -lt 1000 ]; do (true &); i=$((i+1)); done; echo done"
        )

        assert result.text == "done\n"
        assert box.zombies() == []
