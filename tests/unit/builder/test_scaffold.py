from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from driving.conformance.subject import HELLO
from polykernel_builder.conformance import load_conformance
from polykernel_builder.errors import UsageError
from polykernel_builder.examples import load_examples
from polykernel_builder.images import build_order
from polykernel_builder.scaffold import new_language
from support.trees import write

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree


def test_a_new_language_is_whole(tree: Tree) -> None:
    directory = new_language(tree, "my-lang")
    image = {
        "images/launcher/Dockerfile": "FROM scratch\n",
        "images/launcher/image.toml": 'title = "x"\ndescription = "y"\n',
    }
    write(tree.root, image)
    language = tree.language("my-lang")
    assert language.directory == directory
    build_order(tree, [language])
    assert language.manifest.title == "my-lang"
    assert [example.name for example in load_examples(language)] == ["tour"]
    texts = [path.read_text() for path in directory.rglob("*") if path.is_file()]
    assert not [text for text in texts if "@name@" in text]


def test_its_examples_print_what_they_say(tree: Tree) -> None:
    directory = new_language(tree, "my-lang")
    for example in load_examples(tree.language("my-lang")):
        result = subprocess.run(
            ["bash", "main.sh", *example.args],
            cwd=directory / "examples" / example.name / "program",
            input="".join(f"{answer}\n" for answer in example.answers),
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout == example.stdout


def test_its_conformance_shows_all_that_it_promises(tree: Tree) -> None:
    new_language(tree, "my-lang")
    language = tree.language("my-lang")
    conformance = load_conformance(language)
    hello = ["bash", "-c", conformance.programs["batch"]["hello"]]

    assert conformance.modes == language.manifest.modes
    assert not conformance.waived
    assert subprocess.check_output(hello, text=True) == HELLO


@pytest.mark.parametrize("name", ["", "Upper", "a b", "../up", "-a", "a-", "a--b", "1a"])
def test_a_name_that_no_image_can_have_is_refused(tree: Tree, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name an image"):
        new_language(tree, name)


@pytest.mark.parametrize("name", ["tiny", "base"])
def test_a_name_that_is_taken_is_refused(tree: Tree, name: str) -> None:
    with pytest.raises(UsageError, match="is taken"):
        new_language(tree, name)
