"""Hello jobs by a pool: what one taker waits for, and how many there are in a second, by size.

    .venv/bin/python bench/pool_load.py [LANG] [--sizes 1,2,4,8] [--clients N] [--jobs N]

Each client takes a kernel, runs one program and leaves, and begins again, until all jobs are done;
so every job has a kernel of its own, and a pool that is empty is waited for.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from polykernel import Kernel, Pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    Kernels = Callable[[], AbstractAsyncContextManager[Kernel]]

HELLO = "echo hello"
DEADLINE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Seconds from asking for a kernel: until it is there (`taken`), until its job is done."""

    language: str
    size: int
    clients: int
    jobs: int
    seconds: float
    taken_p50: float
    taken_p99: float
    p50: float
    p99: float

    @property
    def throughput(self) -> float:
        """Jobs in a second."""
        return self.jobs / self.seconds


async def load(language: str, size: int, *, clients: int, jobs: int, command: str = HELLO) -> Load:
    """Do `jobs` jobs by so many clients at once; each is a shell `command` in a kernel of its own.

    Raises:
        RuntimeError: a job failed.
        asyncio.TimeoutError: it takes longer than any machine should need.
    """
    async with Pool(language, size) as pool:
        await pool.full()
        done = await _load(pool.kernel, clients, jobs, command)
    return replace(done, language=language, size=size)


async def load_without(language: str, *, clients: int, jobs: int, command: str = HELLO) -> Load:
    """The same, each kernel started for its job."""
    done = await _load(partial(Kernel.start, language), clients, jobs, command)
    return replace(done, language=language)


async def _load(kernels: Kernels, clients: int, jobs: int, command: str) -> Load:
    left = iter(range(jobs))
    taken: list[float] = []
    done: list[float] = []

    async def client() -> None:
        for _ in left:
            asked = time.perf_counter()
            async with kernels() as kernel:
                taken.append(time.perf_counter() - asked)
                result = await kernel.execute("exec", command)
                done.append(time.perf_counter() - asked)
            if result.verdict != "ok":
                raise RuntimeError(f"a job ended with {result.verdict}: {result.text}")

    start = time.perf_counter()
    await asyncio.wait_for(asyncio.gather(*(client() for _ in range(clients))), DEADLINE)
    seconds = time.perf_counter() - start
    return Load(
        language="",
        size=0,
        clients=clients,
        jobs=len(done),
        seconds=seconds,
        taken_p50=percentile(taken, 50),
        taken_p99=percentile(taken, 99),
        p50=percentile(done, 50),
        p99=percentile(done, 99),
    )


def percentile(values: list[float], percent: float) -> float:
    """Return the least value that so many percent of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", nargs="?", default="bash")
    parser.add_argument("--sizes", default="1,2,4,8")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=40)
    options = parser.parse_args()
    print("size  clients  jobs  jobs/s  taken p50 ms  taken p99 ms  done p50 ms  done p99 ms")
    for size in map(int, options.sizes.split(",")):
        seen = asyncio.run(load(options.language, size, clients=options.clients, jobs=options.jobs))
        print(
            f"{size:4}  {seen.clients:7}  {seen.jobs:4}  {seen.throughput:6.2f}"
            f"  {seen.taken_p50 * 1e3:12.1f}  {seen.taken_p99 * 1e3:12.1f}"
            f"  {seen.p50 * 1e3:11.1f}  {seen.p99 * 1e3:11.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
