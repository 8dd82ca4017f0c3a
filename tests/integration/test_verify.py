"""Two builds compared, in a copy of the tree with a small language on a small base."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from driving.containers import docker
from driving.copies import copied, invoking
from support.trees import MANIFEST, write

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree

pytestmark = [pytest.mark.parametrize("lang", ["c"]), pytest.mark.deadline(120)]

BASE = "FROM debian:trixie-slim\nRUN echo work:x:1000:1000::/:/bin/sh >> /etc/passwd\n"
VERSION = """command = ["echo", "tiny 1"]"""
KNOWN = '[[differences]]\npath = "/etc/since"\nreason = "it is later"\n'


@pytest.fixture
def mark() -> str:
    """What the images of a test can be told by."""
    return f"trial-{uuid4().hex}"


@pytest.fixture
def copy(tmp_path: Path, mark: str, lang: str) -> Tree:  # noqa: ARG001 - it says which image
    """The language `trial` is in it; its stage leaves an image without a name."""
    tree = copied(tmp_path / "copy")
    manifest = MANIFEST.replace('command = ["tiny", "--version"]', VERSION)
    stage = f"FROM polykernel/base:latest AS stage\nRUN echo {mark} > /mark\n"
    last = f"FROM polykernel/base:latest\nCOPY --from=stage /mark /{mark}\n"
    write(
        tree.root,
        {
            "images/base/Dockerfile": BASE,
            "languages/trial/language.toml": manifest,
            "languages/trial/language.py": 'name = "trial"\n',
            "languages/trial/Dockerfile": stage + last,
        },
    )
    return tree


def append(tree: Tree, name: str, text: str) -> None:
    with (tree.language("trial").directory / name).open("a", encoding="utf-8") as file:
        file.write(text)


def verify(tree: Tree) -> tuple[int, list[str]]:
    """The exit code, and what it says of the images."""
    with invoking(tree, "verify", "--lang", "trial") as process:
        out, err = process.communicate()
    assert process.returncode in {0, 1}, err
    return process.returncode, out.splitlines()


def left(mark: str) -> list[str]:
    """The images of a test that are still there, those without a name too."""
    with docker() as client:
        ids = {str(image["Id"]) for image in client.api.images(all=True)}
        steps = {image: client.images.get(image).history()[0]["CreatedBy"] for image in ids}
        scratch = [tag for image in client.images.list() for tag in image.tags if "scratch" in tag]
    return [image for image, step in steps.items() if mark in step] + scratch


def test_two_builds_of_the_same_are_the_same(copy: Tree, mark: str) -> None:
    code, lines = verify(copy)

    assert lines == ["trial: 0 unknown and 0 known differences between two builds"]
    assert code == 0
    assert left(mark) == []


def test_what_differs_is_named(copy: Tree, mark: str) -> None:
    append(copy, "Dockerfile", "RUN date +%N > /etc/when && date +%N > /etc/since\n")
    append(copy, "language.toml", KNOWN)
    code, lines = verify(copy)

    assert code == 1
    assert lines[0] == "trial: /etc/when: content"
    assert lines[1].strip() == "@@ -1 +1 @@"
    assert lines[-2:] == [
        "trial: known: /etc/since: content (it is later)",
        "trial: 1 unknown and 1 known differences between two builds",
    ]
    assert left(mark) == []


def test_nothing_is_left_of_what_was_interrupted(copy: Tree, mark: str) -> None:
    with invoking(copy, "verify", "--lang", "trial") as process:
        assert process.stderr is not None
        while "build 2 of 2" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert process.returncode == 130
    assert left(mark) == []
