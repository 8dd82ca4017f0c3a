"""What tests with containers have in common: each says what image it needs, and has a deadline."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

# Seconds that setting up and tearing down may take beside a test.
AROUND = 30.0


def declare(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deadline(seconds): how long the test may take")


def prepare(items: list[pytest.Item], folder: Path, deadline: float) -> None:
    """Give the tests of a folder their deadline, where they do not say another."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.is_relative_to(folder):
            _prepare(item, deadline)


def _prepare(item: pytest.Function, usual: float) -> None:
    if "lang" not in getattr(getattr(item, "callspec", None), "params", ()):
        raise pytest.UsageError(f"{item.nodeid} has no parameter `lang`; say what image it needs")
    marker = item.get_closest_marker("deadline")
    deadline = marker.args[0] if marker else usual
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
