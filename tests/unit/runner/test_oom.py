"""Who was killed for want of memory is said: real processes, a cgroup of plain files."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner import oom
from polykernel_runner.oom import OomWatch
from support.cgroups import Cgroup
from support.programs import children, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.kernels import Kernels

HOG = "held = bytearray(30_000_000); print('up', flush=True); input()"
MINNOW = "print('up', flush=True); input()"


@pytest.fixture(params=[1, 2])
def cgroup(tmp_path: Path, request: pytest.FixtureRequest) -> Cgroup:
    made = Cgroup(tmp_path, request.param)
    made.say(kills=3)
    return made


@asynccontextmanager
async def watching(cgroup: Cgroup) -> AsyncIterator[OomWatch]:
    watch = OomWatch("/nowhere/polykernel-launch", lambda: True, memory=cgroup.memory)
    serving = asyncio.create_task(watch.serve())
    try:
        yield watch
    finally:
        assert not serving.done(), "the watch has failed"
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def running(watch: OomWatch, code: str) -> AsyncIterator[int]:
    """A process that the watch has seen; its number."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        await process.stdout.readline()
        watch.wake()
        there = watch._census
        await eventually(lambda: process.pid in {pid for pid, _ in there._there}, "it is seen")
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [f"{record.levelname} {record.getMessage()}" for record in caplog.records]


async def test_one_who_is_killed_is_named_without_anybody_telling(
    cgroup: Cgroup, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(cgroup) as watch, running(watch, HOG) as hog, running(watch, MINNOW) as it:
        os.kill(it, signal.SIGKILL)
        os.kill(hog, signal.SIGKILL)
        cgroup.say(kills=4)
        await eventually(lambda: bool(said(caplog)), "it is said")
        (line,) = said(caplog)
    assert line.startswith(f"ERROR out of memory: killed {hog} {Path(sys.executable).name} (")
    assert re.search(r" \(\d\d MiB, ran \d+\.\d s\)$", line)


async def test_what_the_host_tells_of_the_same_is_not_said_again(
    cgroup: Cgroup, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oom, "PATIENCE", 0.3)
    async with watching(cgroup) as watch:
        async with running(watch, HOG) as first:
            watch.told("oom")  # it may be quicker than the counter
            os.kill(first, signal.SIGKILL)
            cgroup.say(kills=4)
            await eventually(lambda: bool(said(caplog)), "the first is said")
            watch.told("oom")
        async with running(watch, HOG) as second:
            watch.told("oom")
            os.kill(second, signal.SIGKILL)
            cgroup.say(kills=5)
            await eventually(lambda: len(said(caplog)) == 2, "the second is said")
        asked = time.monotonic()
        await eventually(lambda: watch._looked > asked + 0.5, "nothing more is said")
    assert [re.findall(r"killed (\d+) ", line) for line in said(caplog)] == [
        [str(first)],
        [str(second)],
    ]


async def test_several_at_once_are_all_named(
    cgroup: Cgroup, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(cgroup) as watch, running(watch, HOG) as one, running(watch, HOG) as other:
        for pid in (one, other):
            os.kill(pid, signal.SIGKILL)
        cgroup.say(kills=5)
        await eventually(lambda: len(said(caplog)) == 2, "both are said")
    named = {re.findall(r"killed (\d+) ", line)[0] for line in said(caplog)}
    assert named == {str(one), str(other)}


async def test_one_who_came_and_went_unseen_is_told_as_that(
    cgroup: Cgroup, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oom, "PATIENCE", 0.3)
    async with watching(cgroup) as watch, running(watch, MINNOW):
        cgroup.say(kills=4)
        await eventually(lambda: bool(said(caplog)), "it is said")
    assert said(caplog) == ["ERROR out of memory: 1 killed that came and went unseen"]


async def test_where_nothing_counts_the_host_is_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(Cgroup(tmp_path)) as watch, running(watch, HOG) as hog:
        os.kill(hog, signal.SIGKILL)
        watch.told("oom")
        await eventually(lambda: bool(said(caplog)), "it is said")
    (line,) = said(caplog)
    assert line.startswith(
        f"ERROR out of memory: says the host; gone is {hog} {Path(sys.executable).name}"
    )


async def test_what_the_host_tells_and_nobody_finds_is_said(
    cgroup: Cgroup, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oom, "PATIENCE", 0.3)
    async with watching(cgroup) as watch:
        watch.told("oom")
        await eventually(lambda: bool(said(caplog)), "it is said")
    assert said(caplog) == [
        "WARNING out of memory, says the host; but nothing was killed for it here"
    ]


def test_an_event_is_logged(kernels: Kernels) -> None:
    kernel = kernels.start()
    kernel.send(b"event", b'{"type": "rain", "data": {"drops": 5}}')
    kernel.send(b"event", b'{"type": "oom", "data": {}}')
    kernel.send(b"event", b'{"data": {}}')
    told = [kernel.until(b"log")[1].decode() for _ in range(3)]
    assert told[0] == "INFO the host tells of 'rain'"
    assert told[1].startswith("WARNING 'event'")
    assert told[2] == "WARNING out of memory, says the host; but nothing was killed for it here"


@pytest.mark.parametrize("busy", [False, True])
def test_watching_costs_next_to_nothing(kernels: Kernels, *, busy: bool) -> None:
    """Also where programs run, but do nothing: an idle Jupyter kernel, a service."""
    kernel = kernels.start()
    if busy:
        kernel.send(b"exec", b"for n in 1 2 3 4 5; do sleep 600 & done; echo up; wait")
        kernel.until(b"stdout")
    else:
        kernel.do(b"exec", b"echo up")
    watched = Path(f"/proc/{kernel.process.pid}")
    assert bool(children(kernel.process.pid)) == busy
    began, spent = time.monotonic(), cpu_time(watched)
    assert kernel.silent(2.0)
    share = (cpu_time(watched) - spent) / (time.monotonic() - began)
    assert share < 0.02


def cpu_time(process: Path) -> float:
    """Seconds of all its threads."""
    stats = [(task / "schedstat").read_text() for task in (process / "task").iterdir()]
    return sum(int(stat.split()[0]) for stat in stats) / 1e9
