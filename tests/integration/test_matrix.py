"""What docs/languages.md tells of images is what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.containers import docker, image
from polykernel_builder.catalog import Tree
from polykernel_builder.figures import load_measured

if TYPE_CHECKING:
    from polykernel import Kernel

TREE = Tree.here()
MEASURED = load_measured(TREE.measured)
# The most that a size may differ from the one told, of that.
MARGIN = 0.05

pytestmark = pytest.mark.parametrize("lang", TREE.languages)


async def test_the_toolchain_is_the_one_that_is_told(kernel: Kernel, lang: str) -> None:
    version = (await kernel.hello()).language_version

    assert version is not None
    assert _short(version) == _short(MEASURED.languages[lang].version), "invoke matrix tells anew"


def test_the_image_is_as_large_as_is_told(lang: str) -> None:
    with docker() as client:
        size = client.images.get(image(lang)).attrs["Size"]

    told = MEASURED.languages[lang].size
    assert abs(size - told) <= MARGIN * told, f"{size}, not {told}: invoke matrix tells anew"


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])
