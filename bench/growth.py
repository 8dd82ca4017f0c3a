"""How cost grows: output, kernels, files in a job, queries in a session."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from bench import memory
from bench.curves import Curve, Point
from bench.experiments.many import answering, patient, start
from bench.experiments.output import printed
from polykernel.jobs import make_job
from polykernel_runner.protocol import RunJob, encode_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.harness import Say
    from bench.world import World

MB = 1_000_000
SIZES = (1, 4, 16, 64, 256, 1000, 4000)
KERNELS = (1, 2, 5, 10, 20, 50, 100, 200)
FILES = (1, 10, 100, 1000, 10_000)
HISTORY = (10, 100, 1000, 2000, 5000, 10_000)
RUNNER = "the runner, resident"


def _output(world: World, say: Say) -> Curve:
    points = []
    with world.ours("c") as subject:
        subject.peer.execute("true")
        for size in SIZES:
            say(f"growth: {size} MB of output")
            seconds = printed(subject, size * MB)
            held = memory.runner(world.engine, subject.container)
            points.append(Point(size=size, seconds=seconds, memory=held))
    return Curve(
        name="growth-output",
        title="output of one program",
        of="MB",
        memory_of="the runner's peak",
        flat=True,
        points=tuple(points),
    )


def _kernels(world: World, say: Say) -> Curve:
    points = []
    for count in KERNELS:
        say(f"growth: {count} kernels at once")
        seconds, held = start(world, partial(answering, partial(patient(world).ours, "c")), count)
        points.append(Point(size=count, seconds=seconds, memory=held / count))
    return Curve(
        name="growth-kernels",
        title="kernels at once, from docker run to all answers",
        of="kernels",
        memory_of="each kernel (PSS)",
        flat=True,
        points=tuple(points),
    )


def _files(world: World, say: Say) -> Curve:
    points = []
    with world.ours("bash") as subject:
        subject.peer.status()
        for count in FILES:
            say(f"growth: a job of {count} files")
            files = {f"data/{number}.txt": f"{number}\n" for number in range(count - 1)}
            job = make_job(files={"main.sh": "find . -type f | wc -l", **files}, stdin="")
            seconds = subject.peer.run(encode_request(RunJob(job)), str(count)).seconds
            held = memory.runner(world.engine, subject.container, "VmRSS")
            points.append(Point(size=count, seconds=seconds, memory=held))
    return Curve(
        name="growth-files",
        title="files in a job",
        of="files",
        memory_of=RUNNER,
        # The job itself is in memory until its files are written.
        flat=False,
        points=tuple(points),
    )


def _history(world: World, say: Say) -> Curve:
    points, done = [], 0
    with world.ours("python") as subject:
        subject.peer.query("total = 0", "")
        started = time.perf_counter()
        for count in HISTORY:
            say(f"growth: {count} queries in a session")
            for number in range(done, count):
                subject.peer.query(f"total += {number}; print(total)", None)
            done = count
            seconds = time.perf_counter() - started
            held = memory.runner(world.engine, subject.container, "VmRSS")
            points.append(Point(size=count, seconds=seconds, memory=held))
    return Curve(
        name="growth-history",
        title="queries in one session, all of them together",
        of="queries",
        memory_of=RUNNER,
        flat=True,
        points=tuple(points),
    )


CURVES: Mapping[str, Callable[[World, Say], Curve]] = {
    "growth-output": _output,
    "growth-kernels": _kernels,
    "growth-files": _files,
    "growth-history": _history,
}
