from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_builder.catalog import Tree
from polykernel_runner.services.definition import parse

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Language

LANGUAGES = Tree.here().languages.values()
FILES = [path for language in LANGUAGES for path in language.service_definitions]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_they_can_be_read(path: Path) -> None:
    assert parse(path.stem, path.read_bytes()).command


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_each_has_a_port_and_each_port_is_somebodys(language: Language) -> None:
    ports = {service.name for service in language.manifest.service_ports}
    assert ports == {path.stem for path in language.service_definitions}
