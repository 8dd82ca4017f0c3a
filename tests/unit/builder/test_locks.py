from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.catalog import Tree
from polykernel_builder.locks import host_requirements, image_requirements

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Language

HERE = Tree.here()
SOURCES = [
    *host_requirements(HERE),
    HERE.root / "requirements" / "tensorboard.in",
    *image_requirements(HERE),
]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(HERE.root)))
def test_a_lock_pins_all_that_is_asked_for_and_names_no_place(source: Path) -> None:
    lock = source.with_suffix(".lock").read_text()
    asked = re.findall(r"^([a-z][a-z0-9-]*)", source.read_text(), re.MULTILINE)
    assert set(asked) <= {name for name, _ in PIN.findall(lock)}
    for line in lock.splitlines():
        assert re.match(r"[a-z][a-z0-9-]*==|    --hash=sha256:[0-9a-f]{64}|    #", line), line
    assert "://" not in lock
    assert not re.search(r"(?<![\w.])/\w", lock)


def in_image(lang: str) -> list[Language]:
    """The languages whose packages are in a language's image: it, and those that it builds on."""
    language = HERE.languages.get(lang)
    return [language, *in_image(language.dockerfile.base_name)] if language else []


@pytest.mark.parametrize("lang", HERE.languages)
def test_pins_of_one_package_agree_within_an_image(lang: str) -> None:
    languages = in_image(lang)
    elsewhere = {other.directory for other in HERE.languages.values()}
    elsewhere -= {language.directory for language in languages}
    jupyter = HERE.runner / "requirements-jupyter.in"
    has_jupyter = any(language.manifest.jupyter for language in languages)
    pins: dict[str, str] = {}
    for source in image_requirements(HERE):
        if source.parent in elsewhere or (source == jupyter and not has_jupyter):
            continue
        for name, version in PIN.findall(source.with_suffix(".lock").read_text()):
            assert pins.setdefault(name, version) == version, name


def test_who_keeps_to_another_s_lock_comes_behind_it() -> None:
    names = [source.parent.name for source in image_requirements(HERE)]

    assert names.index("python") < names.index("h2o")
