"""`invoke size` on a real image, in a copy of the tree whose records can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.containers import docker, image
from driving.copies import copied, invoking
from polykernel_builder.sizes import RecordedSize, load_sizes, save_sizes

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree

pytestmark = [pytest.mark.parametrize("lang", ["c"]), pytest.mark.deadline(90)]


@pytest.fixture
def copy(tmp_path: Path) -> Tree:
    return copied(tmp_path / "copy")


@pytest.fixture
def size(lang: str) -> int:
    """The bytes that the image really has."""
    with docker() as client:
        return int(client.images.get(image(lang)).attrs["Size"])


def ask(tree: Tree, lang: str, *words: str) -> tuple[int, list[str], list[str]]:
    """Exit code, lines on stdout, lines on stderr."""
    with invoking(tree, "size", "--lang", lang, *words) as process:
        out, err = process.communicate()
    return process.returncode, out.splitlines(), err.splitlines()


def test_the_bytes_are_told_by_layer(copy: Tree, lang: str, size: int) -> None:
    code, lines, errors = ask(copy, lang)

    assert (code, errors) == (0, [])
    assert lines[0].startswith(f"{lang}: {size / 1e6:.1f} MB, ")
    (line,) = [line for line in lines if " gcc " in line]
    assert "RUN apt-get update" in line
    assert "/usr/libexec/gcc" in line
    told = sum(float(line.split()[0]) for line in lines[1:])
    assert abs(told - size / 1e6) < 1


def test_an_image_that_has_grown_wants_a_reason(copy: Tree, lang: str, size: int) -> None:
    sizes = {**load_sizes(copy.sizes), lang: RecordedSize(size * 9 // 10)}
    save_sizes(copy.sizes, sizes)
    for words in [(), ("--record",)]:
        code, _, errors = ask(copy, lang, *words)
        assert code == 1
        (line,) = errors
        assert line.startswith(f"error: {lang}: {size} bytes are 11.1 % more than the recorded ")
    assert load_sizes(copy.sizes) == sizes

    assert ask(copy, lang, "--record", "--note", "a reason")[0] == 0
    assert load_sizes(copy.sizes) == {**sizes, lang: RecordedSize(size, "a reason")}
    assert f" {size / 1e6:.0f} MB " in copy.matrix.read_text(encoding="utf-8")
    code, lines, _ = ask(copy, lang)
    assert code == 0
    assert lines[0].endswith("(a reason)")
