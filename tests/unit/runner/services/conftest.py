"""Services that are started here are ended here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from support.programs import children
from support.services import Bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def bench(
    launcher: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Bench]:
    caplog.set_level(logging.INFO)
    before = set(children())
    made = Bench(tmp_path, launcher)
    yield made
    await made.close()
    assert set(children()) <= before, "a service is left, or was not reaped"
