from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_builder.clean import clean_tree
from support.trees import write

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree


def test_what_was_made_goes_and_what_was_written_stays(tree: Tree) -> None:
    before = {path for path in tree.root.rglob("*") if path.is_file()}
    made = ["languages/tiny/vendor/a", "images/base/vendor/b", ".cache/wheels/c", ".ruff_cache/d"]
    write(tree.root, dict.fromkeys(made, ""))
    said: list[str] = []
    clean_tree(tree, said.append)
    assert {path for path in tree.root.rglob("*") if path.is_file()} == before
    assert sorted(said) == [".cache", ".ruff_cache", "images/base/vendor", "languages/tiny/vendor"]
    clean_tree(tree, said.append)
    assert len(said) == len(made)
