"""Real containers, driven over ZeroMQ.

Each test has a parameter `lang`, which says what image it needs, and which `--lang` selects by.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from driving.containers import ours
from driving.kernels import Pool
from polykernel import Kernel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from driving.kernels import Fresh

HERE = Path(__file__).parent
# Seconds that a test may take where it does not say `@pytest.mark.deadline(...)`, and that
# setting up and tearing down may take beside that.
DEADLINE = 45.0
AROUND = 30.0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deadline(seconds): how long the test may take")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and item.path.is_relative_to(HERE):
            _prepare(item)


def _prepare(item: pytest.Function) -> None:
    if "lang" not in getattr(getattr(item, "callspec", None), "params", ()):
        raise pytest.UsageError(f"{item.nodeid} has no parameter `lang`; say what image it needs")
    marker = item.get_closest_marker("deadline")
    deadline = marker.args[0] if marker else DEADLINE
    item.add_marker(pytest.mark.timeout(deadline + AROUND))
    if inspect.iscoroutinefunction(item.obj):
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        item.obj = _within(deadline, item.obj)


def _within(seconds: float, test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The same test, cancelled at its deadline, so that it cleans up and others go on."""

    @functools.wraps(test)
    async def timed(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        task = asyncio.ensure_future(test(*args, **kwargs))
        done, _ = await asyncio.wait([task], timeout=seconds)
        if not done:
            task.cancel(f"not done after {seconds:g} s")
        await task

    return timed


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
