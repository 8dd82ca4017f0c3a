"""Nothing is lost to a slow reader: the program waits, and the runner's memory stays bounded."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driving.containers import boxed, boxed_kernel
from driving.kernels import until_true
from driving.sockets import Sockets
from polykernel import Finished, Output

if TYPE_CHECKING:
    from driving.containers import Box
    from polykernel import Kernel, Run

MIB = 1 << 20
GIB = 1 << 30
BLOCK = 64 * 1024
RUNNER_BOUND = 64 * MIB
KERNEL_BOUND = 100 * MIB
STEPS = {"build": "gcc -O2 -o flood flood.c", "exec": "exec ./flood"}
# What may be under way between a program and a reader that does not read: pipe, runner's and
# client's queues, sockets' buffers.
UNDER_WAY = 40 * MIB

# A gibibyte of blocks, each its own number over and over.
FLOOD = """
#include <stdint.h>
#include <stdio.h>
int main(void) {
    static uint64_t block[8192];
    for (uint64_t number = 0; number < 16384; number++) {
        for (int n = 0; n < 8192; n++) block[n] = number;
        fwrite(block, sizeof block, 1, stdout);
    }
}
"""


class Blocks:
    """Checks that blocks come whole and in order."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = bytearray()

    def take(self, data: bytes) -> None:
        self._rest += data
        whole = len(self._rest) - len(self._rest) % BLOCK
        for start in range(0, whole, BLOCK):
            expected = self.count.to_bytes(8, "little") * (BLOCK // 8)
            assert self._rest[start : start + BLOCK] == expected, f"block {self.count}"
            self.count += 1
        del self._rest[:whole]

    @property
    def whole(self) -> bool:
        return self.count * BLOCK == GIB and not self._rest


def written(box: Box, program: str) -> int:
    """How many bytes a program has written."""
    pids = box.pids(program)
    if not pids:
        return 0
    lines = Path(f"/proc/{pids[0]}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar:"))


async def until_it_waits(box: Box, program: str) -> int:
    """How many bytes a program has written when it has written nothing more for a while."""
    before, now = -1, 0
    while before != now or not now:
        await asyncio.sleep(0.4)
        before, now = now, await asyncio.to_thread(written, box, program)
    return now


async def read(run: Run, blocks: Blocks, up_to: int, pause: float = 0.0) -> Finished | None:
    async for record in run:
        if isinstance(record, Output):
            blocks.take(record.data)
        elif isinstance(record, Finished) and record.step == "exec":
            return record
        if blocks.count * BLOCK >= up_to:
            return None
        await asyncio.sleep(pause)
    raise AssertionError("the run did not end")


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.deadline(90)
async def test_a_gibibyte_goes_whole_and_in_order_through_a_slow_reader(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        run = kernel.run({"flood.c": FLOOD}, build=STEPS["build"], exec=STEPS["exec"])
        blocks = Blocks()
        for wanted in (MIB, 200 * MIB):
            await read(run, blocks, wanted, pause=0.001)
            ahead = await until_it_waits(box, "./flood") - blocks.count * BLOCK
            assert ahead < UNDER_WAY, "the program waits while the reader does"
        end = await read(run, blocks, 2 * GIB)

        assert blocks.whole
        assert end is not None
        assert end.verdict == "ok"
        assert box.runner_peak() < RUNNER_BOUND


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.deadline(90)
async def test_defect_13_with_no_reader_for_a_while_nothing_is_lost(lang: str) -> None:
    async with boxed(lang) as box:
        async with Sockets(box.endpoint) as reader:
            build = {"files": {"flood.c": FLOOD}, **STEPS, "exec": False}
            await reader.ask(b"run", json.dumps(build).encode())
        async with Sockets(box.endpoint, reads=False) as peer:
            await peer.send(b"exec", STEPS["exec"].encode())
            ahead = await until_it_waits(box, "./flood")
            peer.read()
            blocks = Blocks()
            message = await peer.receive()
            while message[0] != b"finished":
                blocks.take(message[1])
                message = await peer.receive()

        assert ahead < UNDER_WAY
        assert blocks.whole
        assert json.loads(message[1])["verdict"] == "ok"
        assert box.runner_peak() < RUNNER_BOUND


@pytest.mark.parametrize("lang", ["c"])
async def test_a_kernel_hears_an_interrupt_while_nobody_reads(lang: str) -> None:
    async with boxed(lang) as box, Sockets(box.endpoint, reads=False) as peer:
        await peer.send(b"exec", b"exec cat /dev/zero")
        await until_it_waits(box, "cat /dev/zero")
        await peer.send(b"interrupt", b"")
        await until_true(lambda: not box.pids("cat /dev/zero"))
        peer.read()
        messages = await peer.until(b"finished")

        assert json.loads(messages[-1][1])["verdict"] == "interrupted"


@pytest.mark.parametrize("lang", ["python"])
@pytest.mark.deadline(90)
async def test_a_query_that_prints_much_loses_nothing_to_a_slow_reader(lang: str) -> None:
    async with boxed_kernel(lang) as (kernel, box):
        run = kernel.query("for n in range(200): print(chr(65 + n % 26) * ((1 << 20) - 1))")
        expected = b"".join(b"%c" % (65 + n % 26) * (MIB - 1) + b"\n" for n in range(200))
        printed = bytearray()
        async for record in run:
            if isinstance(record, Output):
                printed += record.data
                await asyncio.sleep(0.005)

        assert printed == expected
        assert (await run).verdict == "ok"
        assert box.runner_peak() < RUNNER_BOUND
        assert (await kernel.query("")).max_rss < KERNEL_BOUND, "the program waits too"


@pytest.mark.parametrize("lang", ["python"])
async def test_what_a_query_printed_before_its_kernel_died_arrives(kernel: Kernel) -> None:
    code = "import os\nprint('x' * 900_000)\nos.kill(os.getpid(), 9)"
    run = kernel.query(code)
    printed = 0
    async for record in run:
        if isinstance(record, Output):
            printed += len(record.data)
            await asyncio.sleep(0.1)

    assert printed == 900_001
    assert (await run).state == "lost"
