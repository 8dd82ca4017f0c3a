from __future__ import annotations

import pytest

from polykernel_builder.catalog import Tree
from polykernel_builder.errors import DefinitionError, UsageError
from polykernel_builder.examples import load_examples
from polykernel_builder.images import build_order
from support.trees import write


def in_order(tree: Tree, name: str) -> list[list[str]]:
    order = build_order(tree, [tree.target(name)])
    levels = []
    while order.is_active():
        levels.append(sorted(order.get_ready()))
        order.done(*levels[-1])
    return levels


def test_an_unknown_language_lists_the_known(tree: Tree) -> None:
    write(tree.root, {"languages/other/language.toml": ""})
    with pytest.raises(UsageError) as caught:
        tree.language("tinny")
    assert str(caught.value).endswith("did you mean tiny? Known are: other, tiny")
    with pytest.raises(UsageError) as caught:
        tree.language("zzz")
    assert str(caught.value) == "there is no language 'zzz'. Known are: other, tiny"


@pytest.mark.parametrize("file", ["Dockerfile", "language.toml", "language.py"])
def test_a_missing_file_is_named_before_any_build(tree: Tree, file: str) -> None:
    path = tree.language("tiny").directory / file
    path.unlink()
    with pytest.raises(DefinitionError) as caught:
        build_order(tree, [tree.language("tiny")])
    assert str(caught.value) == f"{path}: the file is missing"


def test_a_parent_that_is_nowhere_is_named(tree: Tree) -> None:
    write(tree.root, {"languages/tiny/Dockerfile": "FROM polykernel/nowhere\n"})
    with pytest.raises(DefinitionError, match="polykernel/nowhere, but neither images/"):
        build_order(tree, [tree.language("tiny")])


def test_images_are_built_before_what_builds_on_them(tree: Tree) -> None:
    write(
        tree.root,
        {
            "images/extra/Dockerfile": "FROM debian\n",
            "images/extra/image.toml": 'title = "x"\ndescription = "y"\n',
            "languages/tiny/Dockerfile": "FROM polykernel/base\nCOPY --from=polykernel/extra / /\n",
        },
    )
    assert in_order(tree, "tiny") == [["base", "extra"], ["tiny"]]
    assert in_order(tree, "base") == [["base"]]


def test_a_circle_is_refused(tree: Tree) -> None:
    write(tree.root, {"images/base/Dockerfile": "FROM polykernel/tiny\n"})
    with pytest.raises(DefinitionError, match="build on one another"):
        build_order(tree, [tree.language("tiny")])


def test_a_wrong_key_of_an_image_is_named(tree: Tree) -> None:
    write(tree.root, {"images/base/image.toml": 'title = "x"\ndescription = "y"\n[vendor]\nx = 1'})
    with pytest.raises(DefinitionError, match=r"image\.toml: vendor\.x: unknown key"):
        build_order(tree, [tree.language("tiny")])


def test_everything_of_this_clone_is_in_order() -> None:
    here = Tree.here()
    targets = [*here.images.values(), *here.languages.values()]
    build_order(here, targets)
    for language in here.languages.values():
        names = [example.name for example in load_examples(language)]
        if names:
            assert "tour" in names, f"{language.name} has no example tour, which ./quickstart shows"
