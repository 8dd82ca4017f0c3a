"""Many kernels at once, against as many containers that do nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bench import memory
from bench.containers import Plan
from bench.figures import Figure
from bench.harness import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.harness import Sample, Sampler, Side
    from bench.world import Subject, World

    Opener = Callable[[], AbstractContextManager[str]]

KERNELS = 50
# Seconds from a container's start to its answer, beside all the others.
PATIENCE = 300.0
RATE = Figure(name="many-rate", title=f"{KERNELS} kernels at once, started in a second", unit="1/s")
MEMORY = Figure(
    name="many-memory", title=f"{KERNELS} kernels at once, memory of each (PSS)", unit="B"
)


def experiments(world: World) -> list[Experiment]:
    """Each sample starts them all, has all answer, looks at their memory, and removes them."""
    openers: dict[str, Opener] = {
        name: partial(answering, opener) for name, opener in patient(world).sides("c").items()
    }
    openers["docker run sleep"] = lambda: world.engine.container(
        Plan(image=world.image("c"), entrypoint=("sleep", "infinity"))
    )
    return [
        Experiment(
            name="many",
            figures=(RATE, MEMORY),
            sides={name: _side(world, opener) for name, opener in openers.items()},
            rounds=3,
        )
    ]


def start(world: World, opener: Opener, count: int) -> tuple[float, int]:
    """Return the seconds until all are there, and the bytes that they hold together."""
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(count))
        stacks = [ExitStack() for _ in range(count)]
        stack.callback(lambda: list(threads.map(ExitStack.close, stacks)))
        started = time.perf_counter()
        opened = [threads.submit(one.enter_context, opener()) for one in stacks]
        # Whatever comes meanwhile, none is closed before it is open.
        stack.callback(wait, opened)
        names = [each.result() for each in opened]
        seconds = time.perf_counter() - started
        held = sum(memory.resident(world.engine, name)[1] for name in names)
        return seconds, held


def patient(world: World) -> World:
    """One that leaves the cpus to the containers while so many start."""
    return replace(world, retry=25)


@contextmanager
def answering(opener: Callable[[], AbstractContextManager[Subject]]) -> Iterator[str]:
    """Open one and have it answer; give its container."""
    with opener() as subject:
        subject.peer.status(PATIENCE)
        yield subject.container


def _side(world: World, opener: Opener) -> Side:
    def sample() -> Sample:
        seconds, held = start(world, opener, KERNELS)
        return {RATE.name: KERNELS / seconds, MEMORY.name: held / KERNELS}

    @contextmanager
    def side() -> Iterator[Sampler]:
        yield sample

    return side
