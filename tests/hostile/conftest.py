"""Programs that want to hurt their kernel. Each test starts one of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driving import deadlines
from driving.containers import ours

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
# Seconds that a test may take where it does not say `@pytest.mark.deadline(...)`.
DEADLINE = 90.0


def pytest_configure(config: pytest.Config) -> None:
    deadlines.declare(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    deadlines.prepare(items, HERE, DEADLINE)


@pytest.fixture(scope="session", autouse=True)
def _nothing_left() -> Iterator[None]:
    before = set(ours())  # kernels that tests of another folder share
    yield
    assert set(ours()) <= before
