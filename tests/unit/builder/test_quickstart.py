from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.cases import PROGRAMS
from polykernel_builder.errors import DefinitionError
from polykernel_builder.quickstart import to_show
from support.trees import write

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree

NEEDED = "".join(f'{name} = "say {name}"\n' for name in PROGRAMS)
CONFORMANCE = f'file = "main.tiny"\n[programs]\n{NEEDED}[modules]\na = "x"\nb = "x"\n'


def test_the_tour_is_shown(tree: Tree) -> None:
    language = tree.language("tiny")
    example, source = to_show(language)

    assert example.name == "tour"
    assert source == language.directory / "examples" / "tour" / "program"


def test_without_examples_hello_is_shown(tree: Tree) -> None:
    language = tree.language("tiny")
    shutil.rmtree(language.directory / "examples")
    write(language.directory, {"conformance.toml": CONFORMANCE})
    example, source = to_show(language)

    assert dict(example.files) == {"main.tiny": b"say hello"}
    assert source == language.conformance


def test_examples_without_a_tour_are_an_error(tree: Tree) -> None:
    examples = tree.language("tiny").directory / "examples"
    (examples / "tour").rename(examples / "other")
    with pytest.raises(DefinitionError, match=r"examples/tour: there is no such example"):
        to_show(tree.language("tiny"))
