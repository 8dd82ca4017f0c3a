"""Blocking work of an event loop's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Do blocking work in a thread, to its end: cancellation is raised behind it.

    So what it makes can always be unmade, and what it unmakes is gone.
    """
    # A plain future: `asyncio.run` cancels every task at its end, a future it leaves alone.
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        await all_done([future])
    except asyncio.CancelledError as cancelled:
        raise cancelled from future.exception()
    return future.result()


async def all_done(futures: Collection[asyncio.Future[Any]]) -> None:
    """Wait for all, whatever they come to; cancellation is raised behind them."""
    cancelled: asyncio.CancelledError | None = None
    while pending := [future for future in futures if not future.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
