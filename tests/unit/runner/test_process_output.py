"""Output is neither lost nor hoarded, however slow its reader is."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polykernel_runner.launch import PIPE_SIZE
from polykernel_runner.output_pipe import READ_SIZE
from support.programs import Heard, children, eventually

if TYPE_CHECKING:
    from polykernel_runner.protocol import StreamName
    from support.programs import Runs

# Says on stderr how many bytes it could write to stdout so far.
WRITER = """
import os, sys
block = bytes(range(256)) * 256
for number in range(1, 161):
    left = memoryview(block)
    while left:
        left = left[os.write(1, left):]
    with open("progress", "w") as file:
        file.write(str(number * len(block)))
"""
WRITTEN = bytes(range(256)) * 256 * 160


@dataclass(slots=True)
class Slow(Heard):
    """A sink that takes one piece, then nothing until it is told to go on."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def output(self, stream: StreamName, data: bytes) -> None:
        await Heard.output(self, stream, data)
        await self.go_on.wait()


async def test_the_program_waits_for_a_slow_reader(runs: Runs) -> None:
    heard = Slow()
    program = runs.program(sys.executable, "-c", WRITER, heard=heard)
    run = asyncio.create_task(program.run())
    await heard.until(lambda: bool(heard.events))
    await eventually(lambda: blocked_writing(program.pid), "the program is blocked writing")
    assert len(heard.events) == 1
    progress = int((runs.directory / "progress").read_text() or 0)
    assert progress <= PIPE_SIZE + READ_SIZE
    heard.go_on.set()
    assert (await run).wait_status == 0
    assert heard.said() == WRITTEN


def blocked_writing(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/wchan", encoding="ascii") as file:  # noqa: PTH123
            return "pipe" in file.read()
    except OSError:
        return False


async def test_all_output_comes_although_the_program_ended_long_ago(runs: Runs) -> None:
    heard = Slow()
    program = runs.program("/bin/sh", "-c", "printf first; head -c 200000 /dev/zero", heard=heard)
    run = asyncio.create_task(program.run())
    await heard.until(lambda: bool(heard.events))
    await eventually(program._exit.done, "the program has ended")
    heard.go_on.set()
    await run
    assert len(heard.said()) == 200_005


async def test_large_output_comes_in_large_pieces(runs: Runs) -> None:
    heard = Heard()
    written = 256 * 1024
    dd = ("dd", "if=/dev/zero", f"bs={written}", "count=100", "status=none")
    await runs.program(*dd, heard=heard).run()
    assert len(heard.said()) == 100 * written
    assert len(heard.events) <= 400


async def test_both_streams_may_be_full_at_once(runs: Runs) -> None:
    _, stdout, stderr = await runs.sh(
        "yes out | head -n 200000 & yes err | head -n 200000 >&2; wait"
    )
    assert stdout == b"out\n" * 200_000
    assert stderr == b"err\n" * 200_000


async def test_a_flood_does_not_keep_others_from_their_turn(runs: Runs) -> None:
    heard = Heard()
    program = runs.program("yes", heard=heard)
    run = asyncio.create_task(program.run())
    await heard.until(lambda: len(heard.events) > 20)
    program.interrupt()
    ending = await asyncio.wait_for(run, 30)
    assert ending.stopped_by == "interrupt"


async def test_what_was_printed_before_a_prompt_comes_before_it_to_a_slow_reader_too(
    runs: Runs,
) -> None:
    heard = Slow()
    script = "printf first; head -c 200000 /dev/zero; printf name?; touch asked; read x"
    program = runs.program("/bin/sh", "-c", script, heard=heard, stdin=None)
    run = asyncio.create_task(program.run())
    await heard.until(lambda: bool(heard.events))
    await eventually((runs.directory / "asked").exists, "it has asked")
    heard.go_on.set()
    await heard.until_waits(1)
    assert heard.said().endswith(b"name?")
    assert heard.events[-1][0] == "waiting"
    program.input_eof()
    await run


class FullError(Exception):
    """What a sink may raise."""


class Broken(Heard):
    async def output(self, stream: StreamName, data: bytes) -> None:  # noqa: ARG002
        raise FullError


async def test_a_sink_that_fails_ends_the_program(runs: Runs) -> None:
    program = runs.program("yes", heard=Broken())
    failed = await asyncio.gather(program.run(), return_exceptions=True)
    assert isinstance(failed[0], FullError)
    assert program.pid not in children()
