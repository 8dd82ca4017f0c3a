"""Interrupting a query ends it; its state stays if it listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import until, until_printed
from polykernel import WaitingInput

if TYPE_CHECKING:
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])


@PYTHON
async def test_an_interrupted_python_query_keeps_its_state(kernel: Kernel) -> None:
    await kernel.query("answer = 41")
    run = kernel.query("print('up', flush=True)\nwhile True: pass")
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.exit_code, result.state) == ("interrupted", 130, "kept")
    assert "KeyboardInterrupt" in result.stderr.decode()
    assert (await kernel.query("answer + 1")).text == "42\n"


@PYTHON
async def test_defect_10_a_python_prompt_is_interrupted_and_the_next_is_its_own(
    kernel: Kernel,
) -> None:
    run = kernel.query("name = input('name? ')")
    await until(run, WaitingInput)

    await kernel.interrupt()
    await kernel.input("late")
    result = await run
    again = kernel.query("print('hello', input('again? '))")
    await until(again, WaitingInput)
    await kernel.input("Ada")

    assert (result.verdict, result.state) == ("interrupted", "kept")
    assert (await again).text.endswith("hello Ada\n")


@PYTHON
async def test_a_python_query_that_ignores_interrupts_is_ended(kernel: Kernel) -> None:
    stubborn = """
        import signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print('up', flush=True)
        while True: pass
    """
    run = kernel.query(stubborn)
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.signal, result.state) == ("interrupted", "SIGKILL", "lost")
    assert (await kernel.query("1 + 1")).text == "2\n"


@PYTHON
async def test_a_python_query_that_publishes_all_the_time_is_interrupted(kernel: Kernel) -> None:
    # Of such messages nothing is to be shown, so nothing makes the runner wait.
    publish = """
        from IPython.display import display
        print('up', flush=True)
        while True: display({}, raw=True)
    """
    run = kernel.query(publish)
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.exit_code, result.state) == ("interrupted", 130, "kept")
    assert (await kernel.query("1 + 1")).text == "2\n"


@C
async def test_a_query_of_a_language_without_state_is_interrupted(kernel: Kernel) -> None:
    code = '#include <stdio.h>\nint main(void) { puts("up"); fflush(stdout); for (;;) {} }'
    run = kernel.query(code)
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.signal, result.exit_code) == ("interrupted", "SIGINT", 130)
    assert result.state == "none"
