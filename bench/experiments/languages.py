"""A program in a warm kernel, against `docker run --rm` of the same compile and run."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import plain
from bench.containers import Plan
from bench.experiments.programs import HELLO
from bench.figures import OURS, Figure
from bench.harness import Experiment
from polykernel.jobs import make_job
from polykernel_builder.conformance import load_conformance
from polykernel_runner.protocol import RunJob, encode_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.harness import Sample, Sampler, Side
    from bench.world import World
    from polykernel_builder.catalog import Language
    from polykernel_builder.conformance import Conformance

PLAIN = "docker run --rm"
PLACES = plain.Places(work="/home/work", build="/tmp/build")  # noqa: S108  the container's
# Those whose kernel is another language's, so that nothing new would be told.
TWINS = ("h2o",)
# One of each way to run: compiled, by a virtual machine, interpreted.
SHORT = ("c", "python")


def experiments(world: World) -> list[Experiment]:
    """One for each language that runs programs in batch, hello by hello."""
    return [
        _experiment(world, language, conformance)
        for language in world.tree.languages.values()
        if language.name not in TWINS
        if "batch" in (conformance := load_conformance(language)).modes
    ]


def _experiment(world: World, language: Language, conformance: Conformance) -> Experiment:
    figure = Figure(
        name=f"warm-{language.name}",
        title=f"{language.name}: a program in a warm kernel",
        unit="s",
    )
    hello = conformance.programs["batch"]["hello"]
    return Experiment(
        name=figure.name,
        figures=(figure,),
        sides={
            OURS: _warm(world, language, conformance.file, hello, figure),
            PLAIN: _plain(world, language, conformance.file, hello, figure),
        },
        rounds=9,
        short=3 if language.name in SHORT else 0,
        warmup=1,
    )


def _warm(world: World, language: Language, file: str, hello: str, figure: Figure) -> Side:
    frames = encode_request(RunJob(make_job(files={file: hello}, stdin="")))

    @contextmanager
    def side() -> Iterator[Sampler]:
        with world.ours(language.name) as subject:
            subject.peer.status()
            yield lambda: {figure.name: subject.peer.run(frames, HELLO).seconds}

    return side


def _plain(world: World, language: Language, file: str, hello: str, figure: Figure) -> Side:
    program = plain.batch(language, file, PLACES)

    @contextmanager
    def side() -> Iterator[Sampler]:
        with tempfile.TemporaryDirectory(prefix="polykernel-bench-") as directory:
            Path(directory, file).write_text(hello, encoding="utf-8")
            plan = Plan(
                image=world.image(language.name),
                entrypoint=("sh", "-c", program.script(PLACES)),
                env={"HOME": "/tmp", **program.env},  # noqa: S108
                user=(os.geteuid(), os.getegid()),
                workdir=Path(directory),
            )

            def sample() -> Sample:
                started = time.perf_counter()
                with world.engine.container(plan) as name:
                    world.engine.wait(name)
                return {figure.name: time.perf_counter() - started}

            yield sample

    return side
