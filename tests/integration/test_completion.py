"""Completion, inspection and completeness: known in Python, truthfully nothing elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from driving.kernels import until_printed
from polykernel import Completeness, Completion, Inspection

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

python = pytest.mark.parametrize("lang", ["python"])


@python
async def test_names_are_completed_before_any_query(fresh: Fresh) -> None:
    async with fresh() as kernel:
        completion = await kernel.complete("pri")
    assert "print" in completion.suggestions
    assert (completion.start, completion.end) == (0, 3)


@python
async def test_what_queries_have_made_is_completed(kernel: Kernel) -> None:
    await kernel.query("class Länge:\n    zoll_breite = 1\n    zoll_höhe = 2\ngröße = Länge()")
    completion = await kernel.complete("ß = 1; größe.zoll", post=" + 1")

    assert completion.start is not None
    assert completion.end == len("ß = 1; größe.zoll")
    completed = {
        "ß = 1; größe.zoll"[: completion.start] + suggestion
        for suggestion in completion.suggestions
    }
    assert completed == {"ß = 1; größe.zoll_breite", "ß = 1; größe.zoll_höhe"}


@python
async def test_nothing_fits(kernel: Kernel) -> None:
    assert (await kernel.complete("no_such_name_at_all")).suggestions == ()


@python
async def test_an_object_is_inspected(kernel: Kernel) -> None:
    await kernel.query('def half(x):\n    """Half of x."""\n    return x / 2')
    inspection = await kernel.inspect("half(4)", 2)

    assert inspection.found
    assert "Half of x." in inspection.text
    assert "half(x)" in inspection.text
    assert "\x1b" not in inspection.text
    assert await kernel.inspect("no_such_name") == Inspection(found=False)


@python
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("1 + 1", Completeness("complete")),
        ("if True:", Completeness("incomplete", "    ")),
        ("(1,", Completeness("incomplete", "")),
        ("1 +* 2", Completeness("invalid")),
    ],
)
async def test_completeness(kernel: Kernel, code: str, answer: Completeness) -> None:
    told = await kernel.is_complete(code)
    assert told.status == answer.status
    assert (told.indent or None) == (answer.indent or None)


@python
async def test_defect_09_a_question_is_answered_at_once_while_a_query_runs(
    kernel: Kernel,
) -> None:
    run = kernel.query("print('up', flush=True); input()")
    await until_printed(run, "up")
    assert await asyncio.wait_for(kernel.complete("pri"), 2) == Completion()
    assert await asyncio.wait_for(kernel.is_complete("1"), 2) == Completeness("unknown")
    assert await asyncio.wait_for(kernel.inspect("print"), 2) == Inspection(found=False)
    await kernel.input("on")
    assert (await run).verdict == "ok"
    assert "print" in (await kernel.complete("pri")).suggestions


@python
async def test_questions_between_queries_leave_no_trace_in_them(kernel: Kernel) -> None:
    await kernel.query("import os; n = 41")
    asked = [kernel.complete(f"os.{letter}") for letter in "abcdefghijklmnop"]
    answers, result = await asyncio.gather(asyncio.gather(*asked), kernel.query("n + 1"))
    assert result.text == "42\n"
    assert all(answer == Completion() or answer.end == 4 for answer in answers)


@python
async def test_a_question_after_the_kernel_has_died_starts_another(kernel: Kernel) -> None:
    died = await kernel.query("import os; os._exit(3)")
    assert died.state == "lost"
    assert "print" in (await kernel.complete("pri")).suggestions


@pytest.mark.parametrize("lang", ["c", "rust"])
async def test_defect_09_other_languages_answer_with_nothing(kernel: Kernel) -> None:
    assert await kernel.complete("pri") == Completion()
    assert await kernel.inspect("print") == Inspection(found=False)
    assert await kernel.is_complete("int main() {") == Completeness("unknown")
