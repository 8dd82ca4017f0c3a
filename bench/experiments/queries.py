"""What a warm kernel needs for a query or a command."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import plain
from bench.experiments.programs import (
    C_HELLO,
    CPP_PROGRAMS,
    HELLO,
    JAVA_HELLO,
    cpp_program,
)
from bench.figures import ORIGINAL, OURS, Figure, Goal
from bench.harness import Experiment
from bench.jupyter import ipykernel
from bench.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from bench.harness import Sample, Sampler, Side
    from bench.world import Subject, World

EXEC_TRUE = Figure(
    name="exec-true",
    title="exec of true",
    unit="s",
    goals=(Goal(against=ORIGINAL, bound=1 / 6),),
)
C_QUERY = Figure(
    name="c-query",
    title="C hello query",
    unit="s",
    goals=(Goal(against="compiler alone", bound=1.15),),
)
C_TCC = Figure(
    name="c-query-tcc",
    title="C hello query, CC=tcc",
    unit="s",
    goals=(Goal(against=None, bound=0.010),),
)
CPP_SEQUENCE = Figure(
    name="cpp-164",
    title=f"C++ with <bits/stdc++.h>, {CPP_PROGRAMS} queries in sequence",
    unit="s",
    goals=(Goal(against=ORIGINAL, bound=1 / 3),),
)
JAVA_QUERY = Figure(
    name="java-query",
    title="Java hello query, warm",
    unit="s",
    goals=(Goal(against=ORIGINAL, bound=1 / 5),),
)
PYTHON_QUERY = Figure(
    name="python-query",
    title="Python query 1+1",
    unit="s",
    goals=(Goal(against="raw jupyter_client", bound=1.1),),
)
# Does commands in a bare container: nothing of ours is between them and the clock.
ALONE = """
job = json.loads(payload)
for name, text in job["files"].items():
    open(name, "w").write(text)
started = time.perf_counter()
for command in job["commands"]:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
answer = {"exitCode": 0, "seconds": time.perf_counter() - started}
replies.send_multipart([b"finished", json.dumps(answer).encode()])
"""


def experiments(world: World) -> list[Experiment]:
    """Each side has one warm kernel."""
    places = plain.Places(work="/tmp", build="/tmp")  # noqa: S108  the container's
    hello = plain.query(world.tree.language("c"), places)
    files = {f"{places.work}/{hello.file}": C_HELLO}
    build = [_at(command, hello.file, places.work) for command in hello.build]
    return [
        Experiment(
            name="exec-true",
            figures=(EXEC_TRUE,),
            sides={
                **warm(world.sides("c"), EXEC_TRUE, lambda peer: peer.execute("true").seconds),
                "sh -c true alone": _alone(world, EXEC_TRUE, {}, [("sh", "-c", "true")]),
            },
            rounds=50,
            short=20,
            warmup=3,
        ),
        Experiment(
            name="c-query",
            figures=(C_QUERY,),
            sides={
                **warm(world.sides("c"), C_QUERY, lambda peer: peer.query(C_HELLO, HELLO).seconds),
                "compiler alone": _alone(world, C_QUERY, files, build),
                "compiler and program": _alone(world, C_QUERY, files, [*build, hello.run]),
            },
            rounds=30,
            short=15,
            warmup=3,
        ),
        Experiment(
            name="c-query-tcc",
            figures=(C_TCC,),
            sides={
                **warm(
                    {OURS: lambda: world.ours("c", {"CC": "tcc"})},
                    C_TCC,
                    lambda peer: peer.query(C_HELLO, HELLO).seconds,
                ),
                "tcc and program": _alone(world, C_TCC, files, [*_by_tcc(build), hello.run]),
            },
            rounds=30,
            short=15,
            warmup=3,
        ),
        Experiment(
            name="cpp-164",
            figures=(CPP_SEQUENCE,),
            sides=warm(
                world.sides("cpp"),
                CPP_SEQUENCE,
                _cpp_sequence,
                lambda peer: peer.query(cpp_program(0)[0], None),
            ),
            rounds=1,
        ),
        Experiment(
            name="java-query",
            figures=(JAVA_QUERY,),
            sides=warm(
                world.sides("java"),
                JAVA_QUERY,
                lambda peer: peer.query(JAVA_HELLO, HELLO).seconds,
            ),
            rounds=15,
            short=5,
            warmup=3,
        ),
        Experiment(
            name="python-query",
            figures=(PYTHON_QUERY,),
            sides={
                **warm(
                    world.sides("python"), PYTHON_QUERY, lambda peer: peer.query("1+1", "2").seconds
                ),
                "raw jupyter_client": _raw(world),
            },
            rounds=50,
            short=30,
            warmup=5,
        ),
    ]


def warm(
    openers: dict[str, Callable[[], AbstractContextManager[Subject]]],
    figure: Figure,
    seconds: Callable[[Peer], float],
    first: Callable[[Peer], object] = Peer.status,
) -> dict[str, Side]:
    """Sides that ask one kernel again and again, after something that does not count."""

    def made(opener: Callable[[], AbstractContextManager[Subject]]) -> Side:
        @contextmanager
        def side() -> Iterator[Sampler]:
            with opener() as subject:
                first(subject.peer)
                yield lambda: {figure.name: seconds(subject.peer)}

        return side

    return {name: made(opener) for name, opener in openers.items()}


def _cpp_sequence(peer: Peer) -> float:
    total = 0.0
    for number in range(CPP_PROGRAMS):
        program, start = cpp_program(number)
        answer = peer.query(program, None)
        answer.starts_with(start)
        total += answer.seconds
    return total


def _alone(
    world: World, figure: Figure, files: dict[str, str], commands: Sequence[Sequence[str]]
) -> Side:
    job = json.dumps({"files": files, "commands": commands}).encode()

    @contextmanager
    def side() -> Iterator[Sampler]:
        with world.bare("c", ALONE, name="the bare container") as subject:

            def sample() -> Sample:
                answer = subject.peer.ask(b"run", job, end=b"finished")
                return {figure.name: float(json.loads(answer.payload)["seconds"])}

            yield sample

    return side


def _by_tcc(commands: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return [("tcc" if words[0] == "gcc" else words[0], *words[1:]) for words in commands]


def _at(command: Sequence[str], file: str, directory: str) -> list[str]:
    return [f"{directory}/{file}" if word == file else word for word in command]


def _raw(world: World) -> Side:
    @contextmanager
    def side() -> Iterator[Sampler]:
        with ipykernel(world) as kernel:

            def sample() -> Sample:
                started = time.perf_counter()
                kernel.execute("1+1")
                return {PYTHON_QUERY.name: time.perf_counter() - started}

            yield sample

    return side
