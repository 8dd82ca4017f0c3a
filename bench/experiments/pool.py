"""Hello jobs by the client's pool, by its size: each has a kernel of its own."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.figures import OURS, Figure, Goal
from bench.harness import Experiment
from bench.pool_load import load, load_without

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from bench.harness import Sample, Sampler, Side
    from bench.pool_load import Load
    from bench.world import World

LANGUAGE = "c"
SIZES = (1, 2, 4, 8)
CLIENTS, JOBS = 4, 60
TAKE = Figure(
    name="pool-take",
    title="a kernel taken from a pool that has some",
    unit="s",
    goals=(Goal(against=None, bound=0.005),),
)
WITHOUT = "a kernel started for each job"


def experiments(_: World) -> list[Experiment]:
    """Taking one, and loads: they use the client itself, on the engine that it finds."""
    taking = Experiment(
        name="pool-take", figures=(TAKE,), sides={OURS: _side(_take)}, rounds=3, short=1
    )
    return [taking, *map(_loaded, SIZES)]


def _loaded(size: int) -> Experiment:
    title = f"{CLIENTS} clients, a pool of {size}: {{}} of a hello job"
    figures = (
        Figure(name=f"pool-{size}-p50", title=title.format("p50"), unit="s"),
        Figure(name=f"pool-{size}-p99", title=title.format("p99"), unit="s"),
        Figure(name=f"pool-{size}-rate", title="the same: jobs in a second", unit="1/s"),
    )

    def sample(work: Callable[[], Coroutine[Any, Any, Load]]) -> Sample:
        try:
            seen = asyncio.run(work())
        except (RuntimeError, asyncio.TimeoutError) as error:
            raise BenchError(f"the jobs were not done: {error!r}") from error
        values = (seen.p50, seen.p99, seen.throughput)
        return {figure.name: value for figure, value in zip(figures, values, strict=True)}

    ours = partial(load, LANGUAGE, size, clients=CLIENTS, jobs=JOBS)
    other = partial(load_without, LANGUAGE, clients=CLIENTS, jobs=JOBS)
    sides = {OURS: _side(partial(sample, ours)), WITHOUT: _side(partial(sample, other))}
    return Experiment(name=f"pool-{size}", figures=figures, sides=sides, rounds=1)


def _take() -> Sample:
    seen = asyncio.run(load(LANGUAGE, 4, clients=1, jobs=4))
    return {TAKE.name: seen.taken_p50}


def _side(sample: Sampler) -> Side:
    @contextmanager
    def side() -> Iterator[Sampler]:
        yield sample

    return side
