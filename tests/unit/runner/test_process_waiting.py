"""`waiting-input`: told once for each blocked read, however the program reads."""

from __future__ import annotations

import os
import sys
from signal import SIGKILL
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.identity import Identity
from support.kernels import USER
from support.programs import children, eventually
from support.users import as_root

if TYPE_CHECKING:
    from support.programs import Runs

ECHO_TWICE = "\nfor _ in 'ab': print('got', read(), flush=True)"
READERS = {
    "sh": ["/bin/sh", "-c", "for i in 1 2; do read x; echo got $x; done"],
    "cat": ["cat"],
    "python-input": ["input"],
    "python-readline": ["import sys; read = lambda: sys.stdin.readline().strip()"],
    "read": ["import os; read = lambda: os.read(0, 99).decode().strip()"],
    "readv": [
        ("import os; b = bytearray(99)\nread = lambda: b[:os.readv(0, [b])].decode().strip()")
    ],
    "poll": [
        (
            "import os, select; p = select.poll(); p.register(0, select.POLLIN)\n"
            "def read(): p.poll(); return os.read(0, 99).decode().strip()"
        )
    ],
    "poll-with-others": [
        (
            "import os, select; p = select.poll(); r, w = os.pipe(); p.register(r); p.register(0)\n"
            "def read(): p.poll(); return os.read(0, 99).decode().strip()"
        )
    ],
    "poll-with-timeout": [
        (
            "import os, select; p = select.poll(); p.register(0, select.POLLIN)\n"
            "def read():\n while not p.poll(20): pass\n return os.read(0, 99).decode().strip()"
        )
    ],
    "select": [
        (
            "import os, select\n"
            "def read(): select.select([0], [], []); return os.read(0, 99).decode().strip()"
        )
    ],
    "epoll": [
        (
            "import os, select; p = select.epoll(); p.register(0, select.EPOLLIN)\n"
            "def read(): p.poll(); return os.read(0, 99).decode().strip()"
        )
    ],
    "asyncio": [
        (
            "import asyncio, os\n"
            "async def one():\n"
            " loop = asyncio.get_running_loop(); f = loop.create_future()\n"
            " loop.add_reader(0, lambda: f.done() or f.set_result(os.read(0, 99)))\n"
            " return (await f).decode().strip()\n"
            "read = lambda: asyncio.run(one())"
        )
    ],
    "duplicate": ["import os; d = os.dup(0); read = lambda: os.read(d, 99).decode().strip()"],
    "thread": [
        (
            "import os, concurrent.futures as c; pool = c.ThreadPoolExecutor(1)\n"
            "read = lambda: pool.submit(os.read, 0, 99).result().decode().strip()"
        )
    ],
    "child": [
        (
            "import subprocess as s\n"
            "read = lambda: s.run(['head', '-n1'], stdout=s.PIPE).stdout.decode().strip()"
        )
    ],
}


def argv(name: str) -> list[str]:
    parts = READERS[name]
    if len(parts) > 1 or name == "cat":
        return parts
    script = parts[0] if " " in parts[0] else f"read = {parts[0]}"
    return [sys.executable, "-c", script + ECHO_TWICE]


@pytest.mark.parametrize("name", READERS)
async def test_each_blocked_read_is_told_once(runs: Runs, name: str) -> None:
    program, heard, run = runs.start(*argv(name))
    for number, line in enumerate((b"Ada", b"Lin"), 1):
        await heard.until_waits(number)
        program.input(line.decode())
        await heard.until_said(line)
    if name == "cat":
        await heard.until_waits(3)
        program.input_eof()
    assert (await run).wait_status == 0
    assert heard.waits == (3 if name == "cat" else 2)


async def test_defect_05_who_reads_is_told_of_not_left_alone(runs: Runs) -> None:
    program, heard, run = runs.start_sh("echo name?; read x; echo hello $x")
    await heard.until_waits(1)
    assert heard.said() == b"name?\n"
    program.input("Ada")
    await run
    assert heard.said() == b"name?\nhello Ada\n"


async def test_what_was_said_before_the_read_comes_before_the_event(runs: Runs) -> None:
    for _ in range(25):
        program, heard, run = runs.start_sh("head -c 200000 /dev/zero; printf name?; read x")
        await heard.until_waits(1)
        assert heard.said().endswith(b"name?")
        program.input_eof()
        await run


async def test_nobody_is_told_where_the_input_was_given(runs: Runs) -> None:
    program, heard, run = runs.start_sh("cat; sleep .2; read x", stdin=b"all there is")
    assert not program.takes_input
    assert (await run).wait_status != 0
    assert (heard.said(), heard.waits) == (b"all there is", 0)


async def test_who_waits_for_something_else_does_not_wait_for_input(runs: Runs) -> None:
    script = "mkfifo other; (read x <other; echo $x) & sleep .3; echo there >other; wait"
    _, heard, run = runs.start_sh(script)
    await run
    assert (heard.said(), heard.waits) == (b"there\n", 0)


async def test_a_poll_for_writing_is_no_wait_for_input(runs: Runs) -> None:
    script = "import select; p = select.poll(); p.register(0, 0); p.poll(300)"
    _, heard, run = runs.start_python(script)
    await run
    assert heard.waits == 0


async def test_an_epoll_that_has_fired_its_only_shot_is_no_wait_for_input(runs: Runs) -> None:
    script = (
        "import os, select; p = select.epoll(); p.register(0, select.EPOLLIN | select.EPOLLONESHOT)"
        "\np.poll(); print(os.read(0, 99), flush=True); p.poll(.3)"
    )
    program, heard, run = runs.start_python(script)
    await heard.until_waits(1)
    program.input("once")
    await run
    assert heard.waits == 1


async def test_losing_the_watcher_costs_the_event_and_nothing_else(runs: Runs) -> None:
    script = "echo up; while [ ! -e go ]; do sleep .01; done; read x; echo got $x"
    program, heard, run = runs.start_sh(script)
    await heard.until_said(b"up")
    (watcher,) = (pid for pid in children(program.launcher) if pid != program.pid)
    os.kill(watcher, SIGKILL)
    await eventually(lambda: watcher not in children(program.launcher), "the watcher is reaped")
    (runs.directory / "go").touch()
    program.input("all the same")
    assert (await run).wait_status == 0
    assert (heard.said(), heard.waits) == (b"up\ngot all the same\n", 0)


@as_root
async def test_programs_of_another_uid_are_watched_as_well(runs: Runs) -> None:
    program, heard, run = runs.start_sh(
        "read x; echo $(id -u) $x", user=Identity(USER, USER), cwd="/"
    )
    await heard.until_waits(1)
    program.input("here")
    await run
    assert heard.said() == b"%d here\n" % USER


@as_root
async def test_user_code_may_kill_its_watcher_but_not_the_run(runs: Runs) -> None:
    script = "kill -9 $PPID; read x; echo got $x"
    program, heard, run = runs.start_sh(script, user=Identity(USER, USER), cwd="/")
    program.input("anyway")
    assert (await run).wait_status == 0
    assert heard.said() == b"got anyway\n"
