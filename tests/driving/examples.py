"""How an example is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polykernel import Kernel, Run
    from polykernel_builder.examples import Example


def start_example(kernel: Kernel, example: Example, mode: str) -> Run:
    """Run it as its case.toml says; it reads nothing where that gives no input."""
    answers = example.answers or None
    stdin = example.stdin if answers is None else None
    if answers is None and stdin is None:
        stdin = ""
    if mode == "query":
        (code,) = example.files.values()
        return kernel.query(code.decode(), args=example.args, stdin=stdin, answers=answers)
    return kernel.run(example.files, args=example.args, stdin=stdin, answers=answers)
