"""Kernels that tests share, and what tests do with a run."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

from polykernel import Finished, Kernel, Output, PolykernelError, WaitingInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from polykernel import Record, Run

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

R = TypeVar("R", bound="Record")


class Pool:
    """One kernel for each language, replaced when a test left it busy, or dead."""

    def __init__(self) -> None:
        self._kernels: dict[str, tuple[Kernel, AsyncExitStack]] = {}

    async def get(self, lang: str) -> Kernel:
        if lang in self._kernels and not await _is_idle(self._kernels[lang][0]):
            await self._kernels.pop(lang)[1].aclose()
        if lang not in self._kernels:
            stack = AsyncExitStack()
            self._kernels[lang] = await stack.enter_async_context(Kernel.start(lang)), stack
        return self._kernels[lang][0]

    async def close(self) -> None:
        for _, stack in self._kernels.values():
            await stack.aclose()


async def _is_idle(kernel: Kernel) -> bool:
    try:
        status = await asyncio.wait_for(kernel.status(), 5)
    except (PolykernelError, asyncio.TimeoutError):
        return False
    return not status.running and not status.queued


async def printed(kernel: Kernel, command: str) -> str:
    """What a shell command of the user's prints, that must succeed."""
    result = await kernel.execute("exec", command)
    assert result.verdict == "ok", result.stderr.decode()
    return result.text


async def until(run: Run, kind: type[R]) -> tuple[str, R]:
    """What a run prints before the first record of a kind, and that record."""
    printed = b""
    async for record in run:
        if isinstance(record, kind):
            return printed.decode(), record
        if isinstance(record, Output):
            printed += record.data
    raise AssertionError(f"the run ended without a {kind.__name__}; it had printed {printed!r}")


async def until_printed(run: Run, text: str) -> str:
    """What a run prints, up to and with the record that completes `text`."""
    printed = b""
    async for record in run:
        if isinstance(record, Output):
            printed += record.data
            if text.encode() in printed:
                return printed.decode()
    raise AssertionError(f"the run ended without {text!r}; it had printed {printed!r}")


async def fine(kernel: Kernel, code: str) -> str:
    """What a query prints that must end well."""
    result = await kernel.query(code, stdin="")
    assert result.verdict == "ok", result.stderr.decode()
    return result.text


async def until_true(condition: Callable[[], bool]) -> None:
    """Return when something has come true; the test's deadline bounds the waiting."""
    while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - nobody tells us of it
        await asyncio.sleep(0.05)


async def talk(run: Run, kernel: Kernel, *answers: str) -> tuple[list[str], Finished]:
    """What a run prints and asks: a `?` in the list is a waiting-input, answered by the next."""
    said: list[str] = []
    typed = iter(answers)
    async for record in run:
        if isinstance(record, Output) and record.stream == "stdout":
            text = record.data.decode()
            if said and said[-1] != "?":
                text = said.pop() + text
            said.append(text)
        elif isinstance(record, WaitingInput):
            said.append("?")
            await kernel.input(next(typed))
        elif isinstance(record, Finished) and record.step == "exec":
            return said, record
    raise AssertionError("the run did not end")
