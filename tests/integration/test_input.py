"""A program that waits for input says so once, after its prompt, and gets what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.asking import ASKING, POLLS
from driving.kernels import talk, until, until_printed
from polykernel import WaitingInput

if TYPE_CHECKING:
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])


@pytest.mark.parametrize("lang", ASKING)
async def test_a_prompt_is_shown_before_the_one_event_it_causes(kernel: Kernel, lang: str) -> None:
    name, source = ASKING[lang]

    said, end = await talk(kernel.run({name: source}), kernel, "Ada", "36")

    assert said == ["name? ", "?", "age? ", "?", "Ada is 36\n"]
    assert end.verdict == "ok"


@pytest.mark.parametrize("lang", ["c", "rust"])
async def test_queries_of_languages_without_state_ask_too(kernel: Kernel, lang: str) -> None:
    said, end = await talk(kernel.query(ASKING[lang][1]), kernel, "Ada", "36")

    assert said == ["name? ", "?", "age? ", "?", "Ada is 36\n"]
    assert end.verdict == "ok"


@C
async def test_programs_that_wait_in_poll_select_and_epoll_say_so(kernel: Kernel) -> None:
    said, _ = await talk(kernel.run({"main.c": POLLS}), kernel, "a", "b", "c")

    assert said == ["?", "poll a\n", "?", "select b\n", "?", "epoll c\n"]


@PYTHON
async def test_programs_that_wait_in_an_event_loop_say_so(kernel: Kernel) -> None:
    code = """
import asyncio, sys
async def main():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print('got', (await reader.readline()).decode(), end='')
asyncio.run(main())
"""
    said, _ = await talk(kernel.run({"main.py": code}), kernel, "Ada")

    assert said == ["?", "got Ada\n"]


@C
async def test_a_child_that_reads_is_noticed(kernel: Kernel) -> None:
    said, _ = await talk(kernel.execute("exec", "sh -c 'read x; echo $x'; true"), kernel, "deep")

    assert said == ["?", "deep\n"]


@C
async def test_who_waits_for_something_else_asks_for_nothing(kernel: Kernel) -> None:
    said, _ = await talk(kernel.execute("exec", "(sleep 0.4; echo slow) | cat"), kernel)

    assert said == ["slow\n"]


@C
async def test_defect_05_given_input_ends_and_nobody_is_asked(kernel: Kernel) -> None:
    said, end = await talk(kernel.run(build=False, exec="cat; echo end", stdin=""), kernel)

    assert (said, end.verdict) == (["end\n"], "ok")


@C
async def test_a_large_standard_input_arrives_whole(kernel: Kernel) -> None:
    result = await kernel.run(build=False, exec="wc -c", stdin=b"x" * 20_000_000)

    assert result.text.strip() == "20000000"


@C
async def test_what_is_typed_ahead_is_read_without_asking(kernel: Kernel) -> None:
    run = kernel.execute("exec", "sleep 0.5; read x; read y; echo $x $y")
    await kernel.input("Ada")
    await kernel.input("36")

    said, _ = await talk(run, kernel)

    assert said == ["Ada 36\n"]


@C
async def test_the_end_of_input_can_be_typed(kernel: Kernel) -> None:
    run = kernel.execute("exec", "while read line; do echo got $line; done; echo end")
    await until(run, WaitingInput)

    await kernel.input("one")
    assert await until_printed(run, "got one\n") == "got one\n"
    await kernel.input_eof()

    assert (await run).text == "end\n"


@C
async def test_defect_10_stale_input_does_not_answer_the_next_prompt(kernel: Kernel) -> None:
    first = kernel.execute("exec", "read x; echo first $x")
    second = kernel.execute("exec", "read x; echo second $x")
    await until(first, WaitingInput)
    await first.input("right\nand too much\n")
    await first.input("more of it")

    assert (await first).text == "first right\n"
    said, _ = await talk(second, kernel, "fresh")
    assert said == ["?", "second fresh\n"]


@pytest.mark.parametrize("lang", ["c", "python"])
async def test_the_words_of_all_tongues_can_be_typed(kernel: Kernel) -> None:
    said, _ = await talk(kernel.execute("exec", "read x; echo $x"), kernel, "Zoë 你好")

    assert said == ["?", "Zoë 你好\n"]
