"""Queries to Julia, evaluated by a server of the image's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk, until_printed
from polykernel import Html, Media, Output

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["julia"])

INTERRUPTED = ("interrupted", 130, "kept")


async def test_an_error_tells_the_lines_of_its_own_and_of_earlier_queries(kernel: Kernel) -> None:
    await kernel.reset()
    await kernel.query("function half(x)\n    iseven(x) || error(x)\n    x ÷ 2\nend")
    result = await kernel.query("x = 1\n\nhalf(x)")

    frames = result.stderr.decode().splitlines()
    assert (result.verdict, result.exit_code, result.state) == ("error", 1, "kept")
    assert frames[0] == "ERROR: 1"
    assert frames[-2].endswith("In[1]:2")
    assert frames[-1].endswith("top-level scope at In[2]:3"), "nothing of the server's is below"


async def test_code_that_cannot_be_parsed_tells_its_line_and_none_of_it_is_run(
    kernel: Kernel,
) -> None:
    result = await kernel.query('println("before")\nx = = 2')

    assert (result.stdout, result.exit_code) == (b"", 1)
    assert "syntax:" in result.stderr.decode()
    assert "]:2" in result.stderr.decode()


@pytest.mark.parametrize(
    "code", ["sleep(1000)", "run(`sleep 1000`)", "readline()", "while true end"]
)
async def test_an_interrupt_ends_a_query_and_keeps_its_state(kernel: Kernel, code: str) -> None:
    await kernel.query("answer = 42")
    run = kernel.query(f'println("up"); {code}')
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.exit_code, result.state) == INTERRUPTED
    assert "ERROR: " in result.stderr.decode()
    assert (await kernel.query("answer")).text == "42\n"


async def test_an_interrupt_is_for_the_query_whatever_runs_beside_it(kernel: Kernel) -> None:
    await kernel.query("beside = [@async(while true; sleep(0.01); end) for _ in 1:3];")
    run = kernel.query('println("up"); sleep(1000)')
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.exit_code, result.state) == INTERRUPTED
    assert result.wall_time < 1000


async def test_what_a_task_of_an_earlier_query_prints_comes_with_the_next(kernel: Kernel) -> None:
    await kernel.query('later = Condition(); task = @async (wait(later); println("late"));')
    result = await kernel.query("notify(later); wait(task)")

    assert (result.text, result.verdict) == ("late\n", "ok")


async def test_each_query_has_an_input_of_its_own(kernel: Kernel) -> None:
    ended = await kernel.query("read(stdin, String)", stdin="all of it")
    assert ended.text == '"all of it"\n'
    one = await kernel.query("readline()", stdin="first\nnot read\n")
    assert one.text == '"first"\n'
    await kernel.query('redirect_stdin(open("/dev/null"));')
    said, result = await talk(kernel.query('print("name? "); readline()'), kernel, "Ada")
    assert said == ["name? ", "?", '"Ada"\n']
    assert result.verdict == "ok"


async def test_records_come_in_the_order_they_were_made_in(kernel: Kernel) -> None:
    code = """
        println("one")
        display("text/html", "two")
        println("three")
        display(MIME("image/png"), UInt8[4])
        display([5])
        HTML("six")
    """
    seen = ""
    async for record in kernel.query(code):
        match record:
            case Output():
                seen += record.data.decode()
            case Html():
                seen += f"<{record.text}>"
            case Media():
                seen += f"<{record.type}>"

    values = "1-element Array{Int64,1}:\n 5\n"
    assert seen == f"one\n<two>three\n<image/png>{values}<six>"


async def test_a_value_is_shown_unless_it_is_nothing_or_code_ends_with_a_semicolon(
    kernel: Kernel,
) -> None:
    assert (await kernel.query('x = "ü"')).text == '"ü"\n'
    assert (await kernel.query("x;")).text == ""
    assert (await kernel.query("nothing")).text == ""
    assert (await kernel.query("ans")).text == ""
    assert (await kernel.query("methods(sqrt)")).text.startswith("#")


async def test_code_is_completed_explained_and_judged(kernel: Kernel) -> None:
    await kernel.query('"""Half of x."""\nhälfte(x) = x / 2')

    completion = await kernel.complete("y = hälf")
    assert (completion.suggestions, completion.start, completion.end) == (("hälfte",), 4, 8)
    assert (await kernel.complete("\\geq")).suggestions == ("≥",)
    assert "Half of x." in (await kernel.inspect("y = hälfte(2)", 6)).text
    assert not (await kernel.inspect("no_such_name", 3)).found
    begun = await kernel.is_complete("for i in 1:3")
    assert (begun.status, begun.indent) == ("incomplete", "    ")
    assert (await kernel.is_complete("1 + 1")).status == "complete"
    assert (await kernel.is_complete("1 +* 2")).status == "invalid"


async def test_files_are_included_from_the_work_directory(kernel: Kernel) -> None:
    await kernel.query('write("more.jl", "more = @__LINE__");')

    assert (await kernel.query('include("more.jl"); more')).text == "1\n"


@pytest.mark.parametrize("mode", ["batch", "query"])
async def test_defect_42_every_part_of_the_standard_library_loads(
    kernel: Kernel, mode: str
) -> None:
    code = """
        for name in readdir(Sys.STDLIB)
            Core.eval(Main, :(using $(Symbol(name))))
        end
        println(sparse([1.0 0; 0 2]) \\ [1, 2], " ", bytes2hex(sha256("")[1:2]))
    """
    queried = mode == "query"
    run = kernel.query(code, stdin="") if queried else kernel.run({"main.jl": code}, stdin="")
    result = await run

    assert (result.text, result.verdict) == ("[1.0, 1.0] e3b0\n", "ok"), result.stderr.decode()
