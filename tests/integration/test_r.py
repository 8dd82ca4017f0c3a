"""R: queries by Jupyter's kernel for R, and JupyterLab with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk, until
from driving.notebooks import answer_in_lab
from polykernel import Html, Media, Output, WaitingInput

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["r"])


@pytest.mark.deadline(180)
async def test_defect_42_jupyter_starts_and_runs_r(fresh: Fresh) -> None:
    async with fresh(services=["jupyter"]) as kernel:
        app = await kernel.start_service("jupyter")
        assert app.url
        assert await asyncio.to_thread(answer_in_lab, app.url, "cat(6*7)", "R") == "42"


async def test_what_is_printed_run_and_shown_comes_in_one_order(kernel: Kernel) -> None:
    code = """
for (n in 1:30) {
    cat("a", n, "\\n")
    system(paste("echo b", n))
    IRdisplay::display_html(as.character(n))
}
plot(1)
cat("c\\n")
"""
    seen = ""
    async for record in kernel.query(code):
        match record:
            case Output(data=data):
                seen += data.decode()
            case Html(text=text):
                seen += f"<{text}>\n"
            case Media(type=kind):
                seen += f"{kind}\n"

    # A plot may be added to until the query ends.
    assert seen == "".join(f"a {n} \nb {n}\n<{n}>\n" for n in range(1, 31)) + "c\nimage/png\n"


async def test_values_are_printed_as_by_r_itself(kernel: Kernel) -> None:
    code = '1:3; invisible(4); c(a = "größer"); data.frame(x = 1); message("m")'
    result = await kernel.query(code)

    assert result.text == '[1] 1 2 3\n       a \n"größer" \n  x\n1 1\n'
    assert result.stderr == b"m\n"
    assert result.html == ()


async def test_output_comes_while_the_query_runs(kernel: Kernel) -> None:
    run = kernel.query('cat("one\\n"); readline("two? ")')
    said, _ = await until(run, WaitingInput)
    await run.cancel()

    assert said == "one\ntwo? "


async def test_lines_are_read_in_every_way(kernel: Kernel) -> None:
    code = """
first <- readLines("stdin", 1)
second <- readline("? ")
rest <- readLines(file("stdin"))
print(c(first, second, rest, readline()))
"""
    given = await kernel.query(code, stdin="größer\n2\n3\n4\n")
    said, _ = await talk(kernel.query("nchar(readLines(stdin(), 1))"), kernel, "東京")

    assert given.text == '? [1] "größer" "2"      "3"      "4"      ""      \n'
    assert said == ["?", "[1] 2\n"]


async def test_an_interrupt_at_a_prompt_keeps_the_state(kernel: Kernel) -> None:
    await kernel.query("kept <- 41")
    run = kernel.query('readline("? ")')
    await until(run, WaitingInput)
    await kernel.interrupt()
    stopped = await run
    after = await kernel.query("kept + 1")

    assert (stopped.verdict, stopped.exit_code, stopped.state) == ("interrupted", 130, "kept")
    assert after.text == "[1] 42\n"


async def test_an_error_tells_the_calls_that_led_to_it(kernel: Kernel) -> None:
    result = await kernel.query("f <- function(x) log(x)\ng <- function() f('a')\ng()")

    assert result.exit_code == 1
    assert result.stderr.decode() == (
        "Error in log(x): non-numeric argument to mathematical function\n"
        'Traceback:\n1. g()\n2. f("a")\n'
    )


async def test_quit_ends_the_kernel_with_its_status(kernel: Kernel) -> None:
    left = await kernel.query('x <- 1; cat("before\\n"); quit(status = 3); cat("after\\n")')
    after = await kernel.query('exists("x")')

    assert (left.text, left.exit_code, left.state) == ("before\n", 3, "lost")
    assert after.text == "[1] FALSE\n"


async def test_help_is_shown(kernel: Kernel) -> None:
    result = await kernel.query("?log10")
    inspected = await kernel.inspect("log10")

    assert "computes common (i.e., base 10) logarithms" in " ".join(result.text.split())
    assert inspected.found
    assert "\b" not in result.text + inspected.text


async def test_a_program_leaves_no_file_of_its_plots(kernel: Kernel) -> None:
    code = 'plot(1)\ndev.off()\nplot(2)\nhist(c(1, 2))\nlist.files()\nstop("enough")'
    result = await kernel.run({"main.R": code}, stdin="")

    assert [media.type for media in result.media] == ["image/png"] * 3
    assert '"main.R"\n' in result.text
    assert "Rplots" not in result.text


async def test_the_user_s_profile_is_read(kernel: Kernel) -> None:
    result = await kernel.run({"main.R": "twice(21)", ".Rprofile": "twice <- function(x) 2 * x\n"})

    assert result.text == "[1] 42\n", result.stderr.decode()
