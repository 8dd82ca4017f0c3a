"""What a kernel holds that has done a run and waits for the next."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import memory
from bench.figures import ORIGINAL, Figure, Goal
from bench.harness import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.harness import Sample, Sampler, Side
    from bench.world import Subject, World

RESIDENT = Figure(
    name="idle-rss",
    title="idle kernel, resident memory of all its processes, C",
    unit="B",
    goals=(Goal(against=ORIGINAL, bound=0.5),),
)
PROPORTIONAL = Figure(
    name="idle-pss",
    title="the same, shared pages divided among who shares them",
    unit="B",
)


def experiments(world: World) -> list[Experiment]:
    """Each sample is a kernel of its own."""
    return [
        Experiment(
            name="idle",
            figures=(RESIDENT, PROPORTIONAL),
            sides={name: _side(world, opener) for name, opener in world.sides("c").items()},
            rounds=5,
            short=2,
        )
    ]


def _side(world: World, opener: Callable[[], AbstractContextManager[Subject]]) -> Side:
    def sample() -> Sample:
        with opener() as subject:
            subject.peer.execute("true")
            resident, proportional = memory.resident(world.engine, subject.container)
            return {RESIDENT.name: resident, PROPORTIONAL.name: proportional}

    @contextmanager
    def side() -> Iterator[Sampler]:
        yield sample

    return side
