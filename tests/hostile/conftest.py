"""Programs that want to hurt their kernel. Each test starts one of its own."""

from __future__ import annotations

import asyncio
import functools
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from driving.containers import ours

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

HERE = Path(__file__).parent
# Seconds that a test may take where it does not say `@pytest.mark.deadline(...)`, and that
# setting up and tearing down may take beside that.
DEADLINE = 90.0
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
    """The same test, cancelled at its deadline, so that its container goes and others go on."""

    @functools.wraps(test)
    async def timed(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        await asyncio.wait_for(test(*args, **kwargs), seconds)

    return timed


@pytest.fixture(scope="session", autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert ours() == []
