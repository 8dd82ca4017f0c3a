"""Scheme programs are run by a Scheme, compiled, and hear nothing of how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["scheme"])

BESIDE = {
    "main.scm": '(load "lib/loaded.scm") (use-modules (word)) (display (list loaded word))',
    "lib/loaded.scm": '(load "deeper.scm") (define loaded deeper)',
    "lib/deeper.scm": '(define deeper "loaded")',
    "included.scm": '(define included "included")',
    "word.scm": '(define-module (word) #:export (word)) (define word "found")',
}
USES_ALL = """
(load "lib/loaded.scm")
(include "included.scm")
(use-modules (word))
(display (list loaded included word))
"""


async def test_defect_38_scheme_is_a_scheme_in_both_modes(kernel: Kernel) -> None:
    code = "(display (call/cc (lambda (return) (for-each return '(42)))))"
    batch = await kernel.run({"main.scm": code}, stdin="")
    query = await kernel.query(code, stdin="")

    assert (batch.text, batch.exit_code) == (query.text, query.exit_code) == ("42", 0)


async def test_defect_38_a_batch_that_fails_says_so(kernel: Kernel) -> None:
    result = await kernel.run({"main.scm": '(error "broken:" 5)'}, stdin="")

    assert "main.scm:1:0: broken: 5" in result.stderr.decode()
    assert (result.verdict, result.exit_code) == ("error", 1)


async def test_what_is_loaded_and_included_lies_in_the_work_directory(kernel: Kernel) -> None:
    batch = await kernel.run(BESIDE, stdin="")
    query = await kernel.query(USES_ALL, stdin="")

    assert (batch.text, batch.stderr) == ("(loaded found)", b"")
    assert (query.text, query.stderr) == ("(loaded included found)", b"")


async def test_the_user_s_own_warnings_are_heard(kernel: Kernel) -> None:
    code = '(import (scheme base)) (warn "beware" 3)'
    result = await kernel.query(code, stdin="")

    assert result.stderr == b"\n;;; WARNING (beware 3)\n"


async def test_a_file_that_changed_is_compiled_anew(kernel: Kernel) -> None:
    for number in range(3):
        files = {"main.scm": '(load "part.scm")', "part.scm": f"(display {number})"}
        result = await kernel.run(files, stdin="")

        assert result.text == str(number)
