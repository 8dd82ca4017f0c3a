"""Queries to Python: what a value shows as, and what becomes of the kernel behind them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from driving.kernels import until_printed
from polykernel import Html, Media, Output

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["python"])

PIXEL = base64.b64encode(bytes(range(256))).decode()
SHOWS = {
    "image/png": ("Image(base64.b64decode(PIXEL))", "data:image/png;base64,"),
    "image/svg+xml": ("SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", "<svg"),
    "text/latex": ("Latex('$x^2$')", "$x^2$"),
    "text/markdown": ("Markdown('**bold**')", "**bold**"),
    "application/json": ("JSON({'a': [1, None]})", '{"a": [1, null]}'),
}


@pytest.mark.parametrize("kind", SHOWS)
async def test_defect_19_a_value_shows_as_the_richest_it_can(kernel: Kernel, kind: str) -> None:
    expression, begins = SHOWS[kind]
    code = f"import base64\nfrom IPython.display import *\nPIXEL = '{PIXEL}'\n{expression}"
    result = await kernel.query(code)

    assert result.verdict == "ok", result.stderr.decode()
    (shown,) = result.media
    assert shown.type == kind
    assert shown.data.startswith(begins)
    assert result.stdout == b""
    if kind == "image/png":
        assert base64.b64decode(shown.data.partition(",")[2]) == base64.b64decode(PIXEL)
    if kind == "application/json":
        assert json.loads(shown.data) == {"a": [1, None]}


async def test_defect_18_html_is_a_record_of_its_own(kernel: Kernel) -> None:
    code = (
        "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))\nHTML('<i>x</i>')"
    )
    result = await kernel.query(code)

    assert result.html == ("<b>bold</b>", "<i>x</i>")
    assert (result.stdout, result.media) == (b"", ())


async def test_other_values_show_as_text(kernel: Kernel) -> None:
    result = await kernel.query("{'a': [1, None], 'ü': b'x'}")
    silent = await kernel.query("x = 5\nNone")

    assert result.text == "{'a': [1, None], 'ü': b'x'}\n"
    assert silent.text == ""


async def test_records_come_in_the_order_they_were_made_in(kernel: Kernel) -> None:
    code = """
        from IPython.display import HTML, Markdown, display
        print("one")
        display(HTML("two"))
        print("three")
        display(Markdown("four"))
    """
    seen = ""
    async for record in kernel.query(code):
        match record:
            case Output():
                seen += record.data.decode()
            case Html():
                seen += f"<{record.text}>"
            case Media():
                seen += f"[{record.data}]"
            case _:
                pass

    assert seen == "one\n<two>three\n[four]"


async def test_state_is_kept_from_one_query_to_the_next(kernel: Kernel) -> None:
    await kernel.query("import math\ndef area(r):\n    return math.pi * r ** 2")

    assert (await kernel.query("round(area(2), 2)")).text == "12.57\n"


async def test_defect_20_an_exception_exits_1_with_its_trace(kernel: Kernel) -> None:
    result = await kernel.query("print('before')\n1 / 0")
    syntax = await kernel.query("def f(:")

    assert (result.verdict, result.exit_code, result.state) == ("error", 1, "kept")
    assert result.text == "before\n"
    assert "ZeroDivisionError: division by zero" in result.stderr.decode()
    assert "\x1b" not in result.stderr.decode()
    assert (syntax.verdict, syntax.exit_code) == ("error", 1)
    assert "SyntaxError" in syntax.stderr.decode()


async def test_defect_20_a_kernel_that_dies_is_told_and_replaced(kernel: Kernel) -> None:
    await kernel.query("kept = 1")
    code = "import os\nprint('last')\nos.kill(os.getpid(), 9)"
    result = await kernel.query(code)
    after = await kernel.query("print('kept' in globals())")

    assert (result.text, result.verdict, result.signal) == ("last\n", "signal", "SIGKILL")
    assert (result.exit_code, result.state) == (137, "lost")
    assert (after.text, after.state) == ("False\n", "kept")


async def test_a_crash_of_an_extension_is_told_too(kernel: Kernel) -> None:
    result = await kernel.query("import ctypes\nctypes.string_at(0)")

    assert (result.verdict, result.signal, result.state) == ("signal", "SIGSEGV", "lost")


async def test_what_goes_past_jupyter_arrives_too(kernel: Kernel) -> None:
    code = """
        import os, subprocess, sys
        os.system("echo from system; echo err >&2")
        subprocess.run(["echo", "from a child"])
        os.write(1, b"from the descriptor\\n")
        print("from print")
    """
    result = await kernel.query(code)

    assert sorted(result.text.splitlines()) == [
        "from a child",
        "from print",
        "from system",
        "from the descriptor",
    ]
    assert result.stderr == b"err\n"


async def test_stdout_and_stderr_are_told_apart(kernel: Kernel) -> None:
    result = await kernel.query("import sys\nprint('out')\nprint('err', file=sys.stderr)")

    assert (result.stdout, result.stderr) == (b"out\n", b"err\n")


async def test_defect_21_the_users_ipython_is_left_alone(fresh: Fresh) -> None:
    path = ".ipython/profile_default/ipython_config.py"
    config = "c.InteractiveShellApp.exec_lines = ['mine = 5']\n"
    async with fresh() as kernel:
        before = await kernel.run({path: config}, build=False, exec=f"cat {path}")
        mine = await kernel.query("mine")
        after = await kernel.execute("exec", f"cat {path}")

    assert before.text == after.text == config
    assert mine.text == "5\n"


async def test_defect_17_the_containers_environment_is_there(fresh: Fresh) -> None:
    async with fresh(env={"MINE": "ü x"}) as kernel:
        result = await kernel.query("import os\nprint(os.environ['MINE'], os.getcwd())")
        hidden = await kernel.query("[name for name in os.environ if 'POLYKERNEL' in name]")

    assert result.text == "ü x /home/work\n"
    assert hidden.text == "[]\n"


async def test_files_of_a_query_are_there(kernel: Kernel) -> None:
    await kernel.run({"data.txt": "given"}, build=False, exec=False)

    assert (await kernel.query("open('data.txt').read()")).text == "'given'\n"


async def test_magics_and_shell_lines_work(kernel: Kernel) -> None:
    result = await kernel.query("!echo shell\n%cd -q /tmp\nimport os\nos.getcwd()")
    await kernel.query("%cd -q /home/work")

    assert result.text.split() == ["shell", "'/tmp'"]


async def test_output_comes_as_it_is_made(kernel: Kernel) -> None:
    run = kernel.query("print('first')\nprint(input())")

    assert await until_printed(run, "first\n") == "first\n"
    await kernel.input("second")
    assert (await run).text.endswith("second\n")


async def test_exit_ends_the_state_and_not_the_container(kernel: Kernel) -> None:
    result = await kernel.query("x = 1\nexit()")
    after = await kernel.query("'x' in globals()")

    assert result.state == "lost"
    assert (after.text, after.state) == ("False\n", "kept")
