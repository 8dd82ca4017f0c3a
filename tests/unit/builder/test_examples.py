from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_builder.errors import DefinitionError
from polykernel_builder.examples import load_examples
from support.trees import write

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree

CASE = "languages/tiny/examples/tour/case.toml"


def test_a_case_is_read(tree: Tree) -> None:
    write(
        tree.root,
        {
            CASE: 'title = "T"\nmodes = ["batch"]\nargs = ["3"]\nanswers = ["a", ""]\n'
            'stdout = "x"\nexit-code = 2\nverdict = "error"\nstderr-contains = "oh"\n',
            "languages/tiny/examples/tour/program/lib/part.tiny": "part",
        },
    )
    (case,) = load_examples(tree.language("tiny"))
    assert dict(case.files) == {"main.tiny": b"say hi", "lib/part.tiny": b"part"}
    assert (case.name, case.args, case.answers, case.stdin) == ("tour", ("3",), ("a", ""), None)
    assert (case.exit_code, case.verdict, case.stderr_contains) == (2, "error", "oh")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("modes = []", "modes: must name at least one of batch and query"),
        ('modes = ["batch"]\nanswers = ["a"]\nstdin = "b"', "stdin: cannot be together"),
        ('modes = ["batch"]\nverdict = "fine"', "verdict: must be one of ok, error"),
        ('modes = ["batch"]\nstdoot = "x"', "stdoot: unknown key"),
        ('modes = ["batch", "query"]', "modes: query needs a program of one file"),
    ],
)
def test_a_wrong_key_is_named(tree: Tree, text: str, named: str) -> None:
    write(
        tree.root,
        {CASE: f'title = "T"\n{text}\n', "languages/tiny/examples/tour/program/b.tiny": ""},
    )
    with pytest.raises(DefinitionError) as caught:
        load_examples(tree.language("tiny"))
    assert str(caught.value).startswith(f"{tree.root / CASE}: {named}")


def test_only_promised_modes_have_examples(tree: Tree) -> None:
    path = tree.language("tiny").directory / "language.toml"
    path.write_text(path.read_text().replace('"batch", "query"', '"query"'))
    with pytest.raises(DefinitionError, match="modes: the language's manifest promises only query"):
        load_examples(tree.language("tiny"))


def test_what_runs_no_programs_has_no_examples(tree: Tree) -> None:
    path = tree.language("tiny").directory / "language.toml"
    path.write_text(path.read_text().replace('"batch", "query"', ""))
    with pytest.raises(DefinitionError, match="modes: the language's manifest promises only serv"):
        load_examples(tree.language("tiny"))


def test_a_case_without_a_program_is_named(tree: Tree) -> None:
    (tree.root / "languages/tiny/examples/tour/program/main.tiny").unlink()
    with pytest.raises(DefinitionError, match="tour/program: the directory"):
        load_examples(tree.language("tiny"))
