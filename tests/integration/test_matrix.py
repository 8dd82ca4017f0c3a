"""docs/languages.md is what the languages and their images are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.containers import docker, image
from polykernel_builder.catalog import Tree
from polykernel_builder.figures import load_measured
from polykernel_builder.matrix import render
from polykernel_builder.sizes import ALLOWED_GROWTH, load_sizes

if TYPE_CHECKING:
    from polykernel import Kernel

TREE = Tree.here()
MEASURED = load_measured(TREE.measured)
SIZES = load_sizes(TREE.sizes)

# One that was just made need not be measured to be tested; the whole page tells of it.
each = pytest.mark.parametrize("lang", sorted(MEASURED.languages.keys() & TREE.languages.keys()))


@each
async def test_the_toolchain_is_the_one_that_is_told(kernel: Kernel, lang: str) -> None:
    version = (await kernel.hello()).language_version
    told = MEASURED.languages[lang].version

    assert version is not None
    assert _short(version) == _short(told), f"invoke matrix --lang {lang}"


@pytest.mark.parametrize("lang", sorted(SIZES.keys() & TREE.languages.keys()))
def test_the_image_is_as_large_as_is_told(lang: str) -> None:
    with docker() as client:
        size = client.images.get(image(lang)).attrs["Size"]
    told = SIZES[lang]

    differs = f"{size} bytes, not {told.bytes}: invoke matrix --lang {lang}"
    assert abs(told.growth(size)) <= ALLOWED_GROWTH, differs


@pytest.mark.parametrize("lang", ["python"])
def test_the_whole_page_is_current(lang: str) -> None:  # noqa: ARG001 - it needs no image
    stale = "docs/languages.md is not what the languages are: invoke matrix"
    assert MEASURED.languages.keys() == TREE.languages.keys(), stale
    assert SIZES.keys() == TREE.languages.keys() | TREE.images.keys(), stale
    assert TREE.matrix.read_text(encoding="utf-8") == render(TREE, MEASURED, SIZES), stale


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])
