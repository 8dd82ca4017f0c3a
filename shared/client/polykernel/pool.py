"""Kernels that are started before they are needed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from polykernel.errors import KernelClosedError, KernelTimeoutError, OptionError
from polykernel.options import make_options
from polykernel.stock import Stock
from polykernel.warmup import WarmUp, start_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from polykernel.kernel import Kernel
    from polykernel.member import PoolStats
    from polykernel.options import PoolOptions


class Pool:
    """Keeps kernels of one language warm. Each has one user; it is then removed, and replaced.

        async with Pool("rust", 4, memory="512m") as pool:
            async with pool.kernel() as kernel:
                result = await kernel.run(files={"main.rs": source})

    Entering it waits for the first kernel, and raises what keeps that from starting; `full` waits
    for all. Leaving removes all containers, also those of kernels that are taken: who uses one, or
    waits for one, gets KernelClosedError.

    A start that fails is told to who waits longest, otherwise logged as `polykernel.pool`; there is
    another try when somebody wants a kernel the next time. An idle kernel that dies is replaced.
    """

    def __init__(
        self,
        language: str,
        size: int,
        *,
        limit: int | None = None,
        starting: int = 2,
        warm_up: WarmUp = start_session,
        **options: Unpack[PoolOptions],
    ) -> None:
        """Say what it is to keep; nothing is started yet.

        Args:
            language: as in `Kernel.start`.
            size: how many kernels to keep warm.
            limit: how many containers there may be at once, those that are taken or being removed
                among them. By default that is `size`, and a kernel is replaced when its user has
                left it; with more it is replaced when it is taken.
            starting: how many start at once; the number of cpus is a good one.
            warm_up: done with each kernel before it can be taken, within `start_timeout`. What it
                runs, its user finds. By default it starts the session that evaluates queries, if
                the language has one, by `kernel.is_complete("")`, which runs nothing.
            options: keywords of `Kernel.start`, all but `workdir`, which users would share.

        Raises:
            OptionError: one of them cannot be used.
        """
        if "workdir" in options:
            raise OptionError("a pool takes no workdir: users would find each other's files in it")
        if starting < 1:
            raise OptionError(f"starting must be 1 or more, not {starting}")
        size, limit = _checked(size, limit)
        made = make_options(language, **options)
        self._image = made.image_name
        self._stock = Stock(made, warm_up, size=size, limit=limit, at_once=starting)
        self._entered = False

    async def __aenter__(self) -> Self:
        if self._entered:
            raise KernelClosedError("a pool is entered once; make another one")
        self._entered = True
        try:
            await self._stock.begin()
        except BaseException:
            await self._stock.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stock.close()

    @asynccontextmanager
    async def kernel(self, *, timeout: float | None = None) -> AsyncIterator[Kernel]:
        """Take a kernel that nobody has used, as `Kernel.start` would give it.

        Who comes first is served first. Leaving the `async with` returns at once; the container is
        removed in the background.

        Args:
            timeout: seconds to wait when there is none; None waits as long as it takes.

        Raises:
            KernelTimeoutError: by `async with`, when there was none in time.
            KernelClosedError: by `async with`, outside the pool's own.
            ImageNotFoundError, EngineError, KernelError: by `async with`, what kept it from
                starting.
        """
        try:
            member = await self._stock.take(timeout)
        except asyncio.TimeoutError as error:
            if isinstance(error, KernelTimeoutError):
                raise
            raise KernelTimeoutError(
                f"no kernel of the pool for {self._image} came free within {timeout:g} s; raise"
                " timeout, or the pool's size or limit"
            ) from None
        try:
            yield member.kernel
        finally:
            self._stock.end(member)

    async def full(self) -> None:
        """Wait until as many kernels are warm as should be, or as `limit` allows.

        Raises:
            ImageNotFoundError, EngineError, KernelError: what keeps one from starting.
        """
        await self._stock.full()

    def resize(self, size: int, *, limit: int | None = None) -> None:
        """Keep another number of kernels warm; those that are taken stay.

        Raises:
            OptionError: as when a pool is made.
        """
        size, limit = _checked(size, limit)
        self._stock.resize(size, limit)

    @property
    def stats(self) -> PoolStats:
        """How many kernels there are, and what has become of others."""
        return self._stock.stats


def _checked(size: int, limit: int | None) -> tuple[int, int]:
    if size < 1:
        raise OptionError(f"a pool's size must be 1 or more, not {size}")
    if limit is not None and limit < size:
        raise OptionError(f"limit {limit} is less than the size {size}; raise it, or leave it out")
    return size, size if limit is None else limit
