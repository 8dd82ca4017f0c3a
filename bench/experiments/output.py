"""How fast what a program prints comes out, and what the runner holds meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import memory
from bench.errors import BenchError
from bench.figures import ORIGINAL, OURS, Figure, Goal
from bench.harness import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.harness import Sample, Sampler, Side
    from bench.world import Subject, World

RATE = Figure(
    name="stdout-rate",
    title="stdout of a program",
    unit="B/s",
    goals=(Goal(against=ORIGINAL, bound=20),),
)
PEAK = Figure(
    name="stdout-peak",
    title="the runner's peak memory at that",
    unit="B",
    goals=(Goal(against=None, bound=64e6),),
)
WHOLE = 1 << 30
# The original needs half a minute for a tenth.
LESS = 100_000_000
PIECE = 1 << 18
FLOOR = f"""
piece, left = bytes({PIECE}), int(payload)
while left > 0:
    replies.send_multipart([b"stdout", piece])
    left -= len(piece)
replies.send_multipart([b"finished", b'{{"exitCode": 0}}'])
"""


def experiments(world: World) -> list[Experiment]:
    """Each sample is one program's output; the floor is ZeroMQ in pieces as large as ours."""
    sizes = {OURS: WHOLE, ORIGINAL: LESS}
    sides = {
        name: _printing(world, opener, sizes[name]) for name, opener in world.sides("c").items()
    }
    return [
        Experiment(
            name="stdout",
            figures=(RATE, PEAK),
            sides={**sides, "ZeroMQ alone": _zeromq(world)},
            rounds=5,
            short=2,
        )
    ]


def printed(subject: Subject, size: int) -> float:
    """Return the seconds that a program's output of that size takes."""
    answer = subject.peer.execute(f"head -c {size} /dev/zero")
    if answer.count != size:
        raise BenchError(f"of {size} bytes of output {answer.count} came")
    return answer.seconds


def _printing(
    world: World, opener: Callable[[], AbstractContextManager[Subject]], size: int
) -> Side:
    @contextmanager
    def side() -> Iterator[Sampler]:
        with opener() as subject:
            subject.peer.execute("true")

            def sample() -> Sample:
                seconds = printed(subject, size)
                peak = memory.runner(world.engine, subject.container)
                return {RATE.name: size / seconds, PEAK.name: peak}

            yield sample

    return side


def _zeromq(world: World) -> Side:
    @contextmanager
    def side() -> Iterator[Sampler]:
        with world.bare("c", FLOOR, name="the bare container") as subject:

            def sample() -> Sample:
                answer = subject.peer.ask(b"run", str(WHOLE).encode(), end=b"finished")
                return {RATE.name: answer.count / answer.seconds}

            yield sample

    return side
