"""The terminal of every image, from the client's side and from the command line's."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from driving.command import COMMAND
from driving.containers import docker, of_client

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel, Terminal

LANGS = ["c", "java", "julia", "python", "rust"]
PATIENCE = 30.0


async def drawn_until(terminal: Terminal, text: bytes) -> bytes:
    drawn = b""
    async for part in terminal:
        drawn += part
        if text in drawn:
            return drawn
    raise AssertionError(f"the shell ended; it had drawn {drawn!r}")


@pytest.mark.parametrize("lang", LANGS)
async def test_every_image_has_a_terminal(kernel: Kernel) -> None:
    async with kernel.terminal(rows=30, cols=100) as terminal:
        await terminal.type("id -un; stty size; pwd\r")
        drawn = await drawn_until(terminal, b"/home/work\r\n")
    assert b"work\r\n30 100\r\n" in drawn


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("transport", ["ipc", "tcp"])
async def test_it_is_there_over_every_transport(fresh: Fresh, transport: str) -> None:
    async with fresh(transport=transport) as kernel, kernel.terminal() as terminal:
        await terminal.type("echo be''gun\r")
        await drawn_until(terminal, b"begun\r\n")
        await terminal.resize(41, 132)
        await terminal.type("stty size\r")
        await drawn_until(terminal, b"41 132\r\n")


@pytest.mark.parametrize("lang", ["c"])
async def test_the_shell_starts_again_and_two_may_look_on(fresh: Fresh) -> None:
    async with fresh() as kernel, kernel.terminal() as one, kernel.terminal() as other:
        await one.type("echo fir''st; exit\r")
        assert b"first" in b"".join([part async for part in one])
        await other.type("echo sec''ond\r")
        await drawn_until(one, b"second\r\n")


@pytest.mark.parametrize("lang", ["c"])
async def test_what_runs_in_the_terminal_cannot_touch_the_runner(fresh: Fresh) -> None:
    async with fresh() as kernel, kernel.terminal() as terminal:
        await terminal.type("kill -9 1; kill -9 -1; echo su''rvived; exit\r")
        parts = [part async for part in terminal]
        assert b"survived" in b"".join(parts)
        assert (await asyncio.wait_for(kernel.execute("exec", "true"), 10)).exit_code == 0


@pytest.mark.parametrize("lang", ["c"])
def test_the_command_is_a_terminal_in_a_terminal(lang: str) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "terminal", lang], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        _read_until(ours, rb"\$ ")
        os.write(ours, b"echo $((6 * 7)); exit\r")
        _read_until(ours, rb"42\r\n")
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.parametrize("lang", ["c"])
def test_the_command_ends_with_its_kernel(lang: str) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "terminal", lang], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        _read_until(ours, rb"\$ ")
        (container,) = of_client(process.pid)
        with docker() as client:
            client.api.kill(container)
        _read_until(ours, rb"the kernel's container has ended")
        assert process.wait(PATIENCE) == 125
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.parametrize("lang", ["c"])
def test_the_command_wants_a_terminal(lang: str) -> None:
    done = subprocess.run(
        [*COMMAND, "terminal", lang], input=b"", capture_output=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"needs a terminal" in done.stderr


def _read_until(descriptor: int, pattern: bytes) -> bytes:
    seen = b""
    end = time.monotonic() + PATIENCE
    while not re.search(pattern, seen):
        assert select.select([descriptor], [], [], end - time.monotonic())[0], seen
        seen += os.read(descriptor, 4096)
    return seen
