"""Real containers, driven over ZeroMQ.

Each test has a parameter `lang`, which says what image it needs, and which `--lang` selects by.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from driving import deadlines
from driving.containers import ours
from driving.kernels import Pool
from polykernel import Kernel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from driving.kernels import Fresh

HERE = Path(__file__).parent
# Seconds that a test may take where it does not say `@pytest.mark.deadline(...)`.
DEADLINE = 45.0


def pytest_configure(config: pytest.Config) -> None:
    deadlines.declare(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    deadlines.prepare(items, HERE, DEADLINE)


@pytest.fixture(scope="session", autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert ours() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(_nothing_left: None) -> AsyncIterator[Pool]:
    kernels = Pool()
    yield kernels
    await kernels.close()


@pytest_asyncio.fixture(loop_scope="session")
async def kernel(pool: Pool, lang: str) -> Kernel:
    """The kernel of `lang` that tests share: idle, with whatever earlier tests left in it."""
    return await pool.get(lang)


@pytest.fixture
def fresh(lang: str) -> Fresh:
    """`Kernel.start` for `lang`: a kernel of the test's own."""
    return partial(Kernel.start, lang)
