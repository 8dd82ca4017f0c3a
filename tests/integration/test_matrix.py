"""What docs/languages.md tells of images is what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.containers import docker, image
from polykernel_builder.catalog import Tree
from polykernel_builder.figures import load_measured

if TYPE_CHECKING:
    from polykernel import Kernel
    from polykernel_builder.figures import Figures

TREE = Tree.here()
# The most that a size may differ from the one told, of that.
MARGIN = 0.05

pytestmark = pytest.mark.parametrize("lang", TREE.languages)


@pytest.fixture
def told(lang: str) -> Figures:
    measured = load_measured(TREE.measured).languages
    assert lang in measured, f"{lang} was not measured: invoke matrix --lang {lang}"
    return measured[lang]


async def test_the_toolchain_is_the_one_that_is_told(
    kernel: Kernel, told: Figures, lang: str
) -> None:
    version = (await kernel.hello()).language_version

    assert version is not None
    assert _short(version) == _short(told.version), f"invoke matrix --lang {lang}"


def test_the_image_is_as_large_as_is_told(told: Figures, lang: str) -> None:
    with docker() as client:
        size = client.images.get(image(lang)).attrs["Size"]

    differs = f"{size} bytes, not {told.size}: invoke matrix --lang {lang}"
    assert abs(size - told.size) <= MARGIN * told.size, differs


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])
