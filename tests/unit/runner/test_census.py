"""Who there is below a process, and who has gone: with real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.census import Census
from support.programs import PATIENCE, children, eventually, processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polykernel_runner.census import Departed
    from support.programs import Runs

NO_LAUNCHER = "/nowhere/polykernel-launch"
HOG = "import time; held = bytearray(40_000_000); print(4719.01, flush=True); time.sleep(600)"
MIB = 1 << 20
NAME = Path(sys.executable).name


@contextmanager
def started(*argv: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own that has printed something; all of it is killed."""
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()


def sh(script: str, *args: str) -> list[str]:
    return ["/bin/sh", "-c", script, "sh", *args]


def gone(census: Census, number: int = 1) -> list[Departed]:
    """Those who are missed first, waited for."""
    deadline = time.monotonic() + PATIENCE
    while len(census.departed) < number:
        census.take()
        assert time.monotonic() < deadline, f"missed are only {list(census.departed)}"
    return list(census.departed)


def test_one_who_was_killed_is_told_with_its_parents() -> None:
    with started(*sh('sh -c "\\"\\$@\\"; :" sh "$@"; :', sys.executable, "-c", HOG)) as top:
        census = Census(os.getpid(), NO_LAUNCHER)
        census.take()
        (middle,) = children(top.pid)
        (hog,) = children(middle)
        os.kill(hog, signal.SIGKILL)
        (victim,) = [one for one in gone(census) if one.process.pid == hog]
    assert 38 * MIB < victim.process.memory < 80 * MIB
    line = str(victim)
    assert line.startswith(f"{hog} {NAME} (")
    assert re.search(r" \(\d\d MiB, ran \d+\.\d s\) < sh < sh$", line), line
    assert 0 <= victim.ran < PATIENCE


def test_a_zombie_that_nobody_reaps_has_gone() -> None:
    script = "import subprocess as s; s.Popen(['sleep', '600']); print('up', flush=True); input()"
    with started(sys.executable, "-c", script) as top:
        census = Census(os.getpid(), NO_LAUNCHER)
        census.take()
        (child,) = children(top.pid)
        os.kill(child, signal.SIGKILL)
        (victim,) = gone(census)
        assert victim.process.pid == child
        assert children(top.pid) == [child]


async def there(mark: str) -> int:
    """The process with a mark in its command line, waited for."""
    await eventually(lambda: bool(processes(marked=mark)), f"{mark!r} runs")
    (found,) = processes(marked=mark)
    return found


async def test_launchers_are_no_program_s_business(runs: Runs) -> None:
    program, heard, run = runs.start_sh("sleep 4719.02 & echo up; wait; echo over")
    await heard.until_said(b"up")
    victim = await there("sleep\0004719.02")
    census = Census(os.getpid(), str(runs.launcher))
    census.take()
    os.kill(victim, signal.SIGKILL)
    await heard.until_said(b"over")
    assert (await run).wait_status == 0
    census.take()
    first, second = sorted(map(str, census.departed), key=len, reverse=True)
    assert re.fullmatch(rf"{victim} sleep \(\d+ MiB, ran \d\.\d s\) < sh", first)
    assert re.fullmatch(rf"{program.pid} sh \(\d+ MiB, ran \d\.\d s\)", second)


async def test_who_gets_another_parent_has_not_gone(runs: Runs) -> None:
    script = "sh -c 'sleep 4719.03 & echo up; read x'; echo on; read x"
    program, heard, run = runs.start_sh(script)
    await heard.until_said(b"up")
    orphan = await there("sleep\0004719.03")
    census = Census(os.getpid(), str(runs.launcher))
    census.take()
    program.input("")
    await heard.until_said(b"on")
    for _ in range(50):
        census.take()
    assert [one.process.name for one in census.departed] == ["sh"]
    os.kill(orphan, signal.SIGKILL)
    await eventually(lambda: not processes(marked="sleep\0004719.03"), "the orphan has gone")
    census.take()
    assert len(census.departed) == 2
    program.input("")
    await run


def test_defect_12_who_comes_and_goes_meanwhile_is_no_trouble() -> None:
    storm = "echo up; while :; do (/bin/true &); (sh -c '/bin/true & /bin/true'); done"
    with started(*sh(storm)) as top:
        census = Census(os.getpid(), NO_LAUNCHER)
        for _ in range(5000):
            census.take()
        alone = census.alone
        assert all(one.process.pid != top.pid for one in census.departed)
    census.take()
    assert (alone, census.alone) == (False, True)


def test_a_name_that_a_process_gave_itself_is_shown_on_one_line() -> None:
    script = r"printf 'a\n\033[31m\377)' >/proc/self/comm; echo up; read x"
    with started(*sh(script)) as top:
        census = Census(os.getpid(), NO_LAUNCHER)
        census.take()
        os.kill(top.pid, signal.SIGKILL)
        top.wait()
        line = str(gone(census)[0])
    assert line.isprintable()
    assert line.startswith(f"{top.pid} a??[31m")


def test_no_process_has_no_descendants() -> None:
    with started("/bin/sh", "-c", "echo up; read x") as process:
        process.kill()
        process.wait()
        census = Census(process.pid, NO_LAUNCHER)
        census.take()
        assert census.alone


@pytest.mark.parametrize("threads", [1, 20])
def test_children_of_any_thread_are_seen(threads: int) -> None:
    script = (
        "import subprocess, threading, time\n"
        f"for n in range({threads}):\n"
        "    threading.Thread(target=lambda: subprocess.run(['sleep', '600'])).start()\n"
        "print('up', flush=True)\n"
    )
    with started(sys.executable, "-c", script) as top:
        deadline = time.monotonic() + PATIENCE
        while len(children(top.pid)) < threads:
            assert time.monotonic() < deadline
        census = Census(os.getpid(), NO_LAUNCHER)
        census.take()
        os.killpg(top.pid, signal.SIGKILL)
        top.wait()
        assert len(gone(census, threads + 1)) == threads + 1
