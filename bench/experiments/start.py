"""From `docker run` to the first answer."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from bench import plain
from bench.containers import Plan
from bench.experiments.programs import C_HELLO, HELLO, PYTHON_HELLO
from bench.figures import ORIGINAL, Figure, Goal
from bench.harness import Experiment
from bench.jupyter import ipykernel
from bench.world import ECHO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.harness import Sample, Sampler, Side
    from bench.world import Subject, World

STATUS = Figure(
    name="start-status",
    title="docker run to first status, C",
    unit="s",
    goals=(Goal(against=ORIGINAL, bound=1 / 3), Goal(against="echo container", bound=1.3)),
)
HELLO_C = Figure(
    name="start-hello-c",
    title="docker run to first result, C hello query",
    unit="s",
    goals=(Goal(against=ORIGINAL, bound=0.5),),
)
HELLO_PYTHON = Figure(
    name="start-hello-python",
    title="docker run to first result, Python hello query",
    unit="s",
    goals=(Goal(against="bare ipykernel", bound=1.1),),
)


def experiments(world: World) -> list[Experiment]:
    """Each sample starts a container."""
    status = {
        **_started(world.sides("c"), STATUS, _status),
        **_started({"echo container": lambda: world.bare("c", ECHO, name="echo")}, STATUS, _status),
        "docker run true": _side(lambda: _true(world)),
    }
    hello_c = {
        **_started(world.sides("c"), HELLO_C, lambda one: one.peer.query(C_HELLO, HELLO)),
        "docker run of compiler and program": _side(lambda: _compiled(world)),
    }
    hello_python = {
        **_started(
            world.sides("python"), HELLO_PYTHON, lambda one: one.peer.query(PYTHON_HELLO, HELLO)
        ),
        "bare ipykernel": _side(lambda: _ipykernel(world)),
    }
    return [
        Experiment(name="start-status", figures=(STATUS,), sides=status, rounds=15, short=5),
        Experiment(name="start-hello-c", figures=(HELLO_C,), sides=hello_c, rounds=15, short=3),
        Experiment(
            name="start-hello-python",
            figures=(HELLO_PYTHON,),
            sides=hello_python,
            rounds=15,
            short=3,
        ),
    ]


def _side(sampler: Sampler) -> Side:
    @contextmanager
    def side() -> Iterator[Sampler]:
        # Files that nobody has read yet are no part of the figure.
        sampler()
        yield sampler

    return side


def _started(
    openers: dict[str, Callable[[], AbstractContextManager[Subject]]],
    figure: Figure,
    use: Callable[[Subject], object],
) -> dict[str, Side]:
    def sampler(opener: Callable[[], AbstractContextManager[Subject]]) -> Sample:
        started = time.perf_counter()
        with opener() as subject:
            use(subject)
            return {figure.name: time.perf_counter() - started}

    return {name: _side(partial(sampler, opener)) for name, opener in openers.items()}


def _status(subject: Subject) -> None:
    subject.peer.status()


def _true(world: World) -> Sample:
    started = time.perf_counter()
    with world.engine.container(Plan(image=world.image("c"), entrypoint=("true",))) as name:
        world.engine.wait(name)
        return {STATUS.name: time.perf_counter() - started}


def _compiled(world: World) -> Sample:
    places = plain.Places(work="/tmp", build="/tmp/build")  # noqa: S108  the container's
    program = plain.query(world.tree.language("c"), places)
    write = f"cat >/tmp/{program.file} <<'END'\n{C_HELLO}\nEND\n"
    command = ("sh", "-c", write + program.script(places))
    started = time.perf_counter()
    with world.engine.container(Plan(image=world.image("c"), entrypoint=command)) as name:
        world.engine.wait(name)
        return {HELLO_C.name: time.perf_counter() - started}


def _ipykernel(world: World) -> Sample:
    started = time.perf_counter()
    with ipykernel(world) as kernel:
        kernel.execute(PYTHON_HELLO)
        return {HELLO_PYTHON.name: time.perf_counter() - started}
