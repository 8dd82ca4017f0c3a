from __future__ import annotations

import pytest

from polykernel_builder.catalog import Tree
from polykernel_builder.services import BUILTIN_SERVICES
from polykernel_runner.services.definition import parse

DIRECTORY = Tree.here().runner / "service-defs"


def test_there_are_those_that_a_manifest_may_name() -> None:
    assert {path.stem for path in DIRECTORY.iterdir()} == set(BUILTIN_SERVICES)


@pytest.mark.parametrize("name", BUILTIN_SERVICES)
def test_they_can_be_read(name: str) -> None:
    assert parse(name, (DIRECTORY / f"{name}.json").read_bytes()).command
