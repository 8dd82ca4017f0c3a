"""What is done with a kernel of a pool before somebody takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from polykernel.errors import KernelError, KernelTimeoutError
from polykernel.kernel import Kernel
from polykernel.result import Result

WarmUp: TypeAlias = Callable[[Kernel], Awaitable[object]]


async def start_session(kernel: Kernel) -> None:
    """Start what evaluates queries, without evaluating one: the user's first is the first."""
    # Runs wait until the kernel is ready, questions about code do not.
    await kernel.execute("exec", "")
    await kernel.is_complete("")


async def warm(kernel: Kernel, warm_up: WarmUp, seconds: float) -> None:
    """Warm a kernel up.

    Raises:
        KernelTimeoutError: that takes longer.
        KernelError: a program that it ran has failed.
    """
    try:
        done = await asyncio.wait_for(warm_up(kernel), seconds)
    except asyncio.TimeoutError:
        raise KernelTimeoutError(
            f"warming a kernel up took more than {seconds:g} s; raise start_timeout"
        ) from None
    if isinstance(done, Result) and done.verdict != "ok":
        said = tuple(done.stderr.decode(errors="replace").splitlines()[-10:])
        raise KernelError(f"the program that warms kernels up ended with {done.verdict}", said)
