"""A query that wants more than its limits is ended, and told truly what became of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.greedy import MIB, TALK
from polykernel import Limits

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

PYTHON = pytest.mark.parametrize("lang", ["python"])


@PYTHON
async def test_a_query_that_takes_too_long_keeps_the_state(kernel: Kernel) -> None:
    await kernel.query("kept = 7")
    code = "import time\nprint('begun')\ntime.sleep(600)"
    result = await kernel.query(code, limits=Limits(wall_time=0.5))

    assert (result.text, result.verdict, result.state) == ("begun\n", "time-limit", "kept")
    assert result.wall_time < 2
    assert (await kernel.query("kept")).text == "7\n"


@PYTHON
async def test_a_query_that_will_not_listen_loses_the_state(kernel: Kernel) -> None:
    code = """
        kept = 7
        print('begun')
        while True:
            try:
                while True: pass
            except KeyboardInterrupt:
                pass
    """
    result = await kernel.query(code, limits=Limits(wall_time=0.5))
    after = await kernel.query("kept")

    assert (result.text, result.verdict, result.state) == ("begun\n", "time-limit", "lost")
    assert (after.verdict, after.exit_code) == ("error", 1)
    assert "NameError" in after.stderr.decode()


@PYTHON
async def test_a_query_that_spends_its_cpu_time_keeps_the_state(kernel: Kernel) -> None:
    await kernel.query("kept = 8")
    result = await kernel.query("while True: pass", limits=Limits(cpu_time=0.5))

    assert (result.verdict, result.state) == ("time-limit", "kept")
    assert result.reason == "limits.cpuTime was reached"
    assert (await kernel.query("kept")).text == "8\n"


@PYTHON
async def test_a_query_that_takes_too_much_memory_loses_the_state(kernel: Kernel) -> None:
    await kernel.query("kept = 9")
    code = """
        import time
        held = []
        print('begun')
        while True:
            held.append(b'x' * (1 << 20))
            time.sleep(0.001)
    """
    result = await kernel.query(code, limits=Limits(memory=250 * MIB))
    after = await kernel.query("print('kept' in globals())")

    assert (result.text, result.verdict, result.state) == ("begun\n", "memory-limit", "lost")
    assert (after.text, after.state) == ("False\n", "kept")


@PYTHON
async def test_a_query_may_say_too_much(kernel: Kernel) -> None:
    code = "for n in range(100_000): print(f'{n:09}')"
    cut = await kernel.query(code, limits=Limits(output=10_000))
    ended = await kernel.query(code, limits=Limits(output=10_000, output_action="kill"))

    said = TALK.removeprefix("begun\n")
    assert (cut.text, cut.verdict) == (said[:10_000], "ok")
    assert cut.dropped.stdout == len(said) - 10_000
    assert (ended.text, ended.verdict, ended.state) == (said[:10_000], "output-limit", "kept")


@PYTHON
async def test_a_container_out_of_memory_takes_the_state_not_the_kernel(fresh: Fresh) -> None:
    async with fresh(memory="200m") as kernel:
        result = await kernel.query("held = [b'x' * (1 << 20) for _ in range(1000)]")
        after = await kernel.query("1 + 1")

    assert (result.verdict, result.exit_code, result.state) == ("memory-limit", 137, "lost")
    assert (after.text, after.state) == ("2\n", "kept")
