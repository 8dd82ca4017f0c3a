"""Octave programs: which file runs, what is typed to them, which functions they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["octave"])


@pytest.mark.parametrize("beside", [{}, {"main.js": "console.log('not Octave')"}])
async def test_defect_38_octave_runs_main_m(kernel: Kernel, beside: dict[str, str]) -> None:
    result = await kernel.run({"main.m": "disp (6 * 7)", **beside}, stdin="")

    assert (result.text, result.verdict) == ("42\n", "ok"), result.stderr.decode()


async def test_a_line_is_read_when_it_has_been_typed_and_not_one_later(kernel: Kernel) -> None:
    code = """
first = fgetl (stdin)
second = fgets (stdin)
third = fscanf (stdin, "%d", 1)
rest = fgetl (stdin);
fourth = input ("? ", "s")
"""
    run = kernel.run({"main.m": code})
    said, end = await talk(run, kernel, "größer", "2", "3", "4")

    assert end.verdict == "ok"
    assert "".join(said) == "?first = größer\n?second = 2\n\n?third = 3\n? ?fourth = 4\n"


async def test_files_are_read_as_ever_where_somebody_types(kernel: Kernel) -> None:
    code = """
file = fopen ("text");
a = fgetl (file)
b = fgets (file, 2)
c = fgets (file)
d = fgetl (file)
"""
    result = await kernel.run({"main.m": code, "text": "one\ntwo\n"}, answers=[])

    assert result.text == "a = one\nb = tw\nc = o\n\nd = -1\n", result.stderr.decode()


async def test_a_query_finds_the_functions_in_the_work_directory(kernel: Kernel) -> None:
    twice = "function y = twice (x)\ny = 2 * x;\nend"
    await kernel.run({"main.m": "1;", "twice.m": twice}, stdin="")
    result = await kernel.query("twice (21)")

    assert result.text == "ans = 42\n", result.stderr.decode()


async def test_what_is_open_at_exit_is_shown_and_what_was_closed_is_not(kernel: Kernel) -> None:
    closed = await kernel.query("plot ([1 2]); close all; exit (3)")
    opened = await kernel.query("figure; figure (7); plot ([1 2]); exit (3)")

    assert (closed.exit_code, closed.media) == (3, ())
    assert (opened.exit_code, [media.type for media in opened.media]) == (3, ["image/png"])
