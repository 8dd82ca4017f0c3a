from __future__ import annotations

import pytest
from bench.machine import Machine


@pytest.fixture
def machine() -> Machine:
    return Machine(
        date="2026-11-27",
        processor="A Processor",
        cpus=2,
        memory=8_000_000_000,
        kernel="6.1",
        engine="29",
        storage="overlay2",
        load=0.1,
    )
