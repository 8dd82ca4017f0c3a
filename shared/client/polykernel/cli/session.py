"""One run with a person, or a pipe, at the other end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from polykernel.cli.output import show, tell_end
from polykernel.cli.stdin import StandardInput
from polykernel_runner.protocol import WaitingInput

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    from polykernel.kernel import Kernel
    from polykernel.run import Run


def converse(
    starting: AbstractAsyncContextManager[Kernel], run: Callable[[Kernel, bytes | None], Run]
) -> int:
    """Start a kernel and a run in it, given its whole stdin if that is known; return its exit code.

    Our stdin goes to the program, and its output to ours, as they come. The first SIGINT stops the
    program, a second one, or SIGTERM, ends all.
    """
    return asyncio.run(_Session(starting, run).converse())


class _Session:
    def __init__(
        self,
        starting: AbstractAsyncContextManager[Kernel],
        run: Callable[[Kernel, bytes | None], Run],
    ) -> None:
        self._starting = starting
        self._start_run = run
        self._interruptible: Kernel | None = None
        self._ended_by: signal.Signals | None = None
        self._error: BaseException | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def converse(self) -> int:
        loop = asyncio.get_running_loop()
        self._talking = talk = loop.create_task(self._talk())
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, number)
        try:
            return await talk
        except asyncio.CancelledError:
            if self._error is not None:
                raise self._error from None
            if self._ended_by is None:
                raise
            return 128 + self._ended_by
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _on_signal(self, number: signal.Signals) -> None:
        kernel, self._interruptible = self._interruptible, None
        if number == signal.SIGINT and kernel is not None:
            self._spawn(kernel.interrupt())
        else:
            self._ended_by = number
            self._talking.cancel()

    async def _talk(self) -> int:
        stdin = StandardInput()
        early = self._spawn(stdin.read_early())
        try:
            async with self._starting as kernel:
                await _stop(early)
                try:
                    return await self._converse_with(kernel, stdin)
                finally:
                    await _stop(*self._tasks)
        finally:
            await _stop(*self._tasks)

    async def _converse_with(self, kernel: Kernel, stdin: StandardInput) -> int:
        run = self._start_run(kernel, stdin.all_of_it())
        self._interruptible = kernel
        if stdin.all_of_it() is None:
            self._spawn(stdin.pass_on(kernel))
        return await self._follow(run, stdin)

    async def _follow(self, run: Run, stdin: StandardInput) -> int:
        async for record in run:
            if isinstance(record, WaitingInput):
                stdin.wanted()
            else:
                await show(record)
        self._interruptible = None
        return tell_end(await run)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._error = self._error or error
            self._talking.cancel()


async def _stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
