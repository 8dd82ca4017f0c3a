"""A query that waits for input says so, after its prompt, and gets what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk
from polykernel import Output, WaitingInput

if TYPE_CHECKING:
    from polykernel import Kernel

PYTHON = pytest.mark.parametrize("lang", ["python"])


@PYTHON
async def test_python_queries_ask_and_say_what_is_a_password(kernel: Kernel) -> None:
    run = kernel.query("import getpass\nname = input('name? ')\nword = getpass.getpass('word? ')")

    asked = []
    async for record in run:
        if isinstance(record, WaitingInput):
            asked.append(record.is_password)
            await kernel.input("Ada" if len(asked) == 1 else "secret")

    assert asked == [False, True]
    assert (await kernel.query("name, word")).text == "('Ada', 'secret')\n"


@PYTHON
async def test_python_queries_show_their_prompt_before_they_ask(kernel: Kernel) -> None:
    code = "print('x' * 3_000_000)\nx = input('name? ')\nprint('hello', x)"
    said, _ = await talk(kernel.query(code), kernel, "Ada")

    assert said == ["x" * 3_000_000 + "\nname? ", "?", "hello Ada\n"]


@PYTHON
async def test_python_queries_take_what_is_typed_ahead_and_the_end(kernel: Kernel) -> None:
    code = """
        import time
        time.sleep(0.5)
        x = input()
        try:
            input()
        except EOFError:
            print(x, 'end')
    """
    run = kernel.query(code)
    await kernel.input("ahead")
    await kernel.input_eof()

    said, end = await talk(run, kernel)

    assert (said, end.verdict) == (["ahead end\n"], "ok")


@PYTHON
@pytest.mark.parametrize("mode", ["batch", "query"])
async def test_defect_43_long_input_is_not_cut(kernel: Kernel, mode: str) -> None:
    code = "print(len(input()))"
    run = kernel.query(code) if mode == "query" else kernel.run({"main.py": code})

    said, _ = await talk(run, kernel, "x" * 100_000)

    assert said == ["?", "100000\n"]


@PYTHON
async def test_defect_22_a_prompt_that_waits_does_not_stop_output(kernel: Kernel) -> None:
    code = """
        import threading
        threading.Timer(0.3, print, ["meanwhile"]).start()
        print("answered", input("name? "))
    """
    run = kernel.query(code)
    said = ""
    async for record in run:
        if isinstance(record, Output):
            said += record.data.decode()
            if said == "name? meanwhile\n":
                await kernel.input("now")

    assert said == "name? meanwhile\nanswered now\n"


@PYTHON
async def test_the_end_of_the_input_is_the_end_for_every_prompt(kernel: Kernel) -> None:
    code = """
ends = 0
for _ in range(3):
    try:
        print(input())
    except EOFError:
        ends += 1
print(ends, "ends")
"""
    result = await kernel.query(code, stdin="only\n")

    assert (result.verdict, result.text) == ("ok", "only\n2 ends\n")
