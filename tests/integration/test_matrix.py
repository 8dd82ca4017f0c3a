"""docs/languages.md is what the languages and their images are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from driving.containers import docker, image
from polykernel_builder.catalog import Tree
from polykernel_builder.figures import load_measured
from polykernel_builder.matrix import render_head, render_language

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


def test_the_page_is_what_is_made_of_manifests_and_suite(told: Figures, lang: str) -> None:
    page = TREE.matrix.read_text(encoding="utf-8")
    head = render_head(TREE, load_measured(TREE.measured).machine)
    row, notes = render_language(TREE.languages[lang], told)
    rows = page.removeprefix(head).partition("\n\n")[0].splitlines(keepends=True)
    its_notes = re.findall(rf"^\[\^{lang}-\d+\]: .*\n", page, re.MULTILINE)

    stale = f"docs/languages.md is not current: invoke matrix --lang {lang}"
    assert page.startswith(head), stale
    assert [line for line in rows if line.startswith(f"| {lang} |")] == [row], stale
    assert its_notes == notes, stale
    assert {line.split()[1] for line in rows} <= set(TREE.languages), stale


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])
