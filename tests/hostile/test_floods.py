"""Output without end, of all kinds at once: the runner's memory stays bounded, and it answers."""

from __future__ import annotations

import asyncio

import pytest

from driving.hostile import MIB, RUNNER_MEMORY, Victim, victim
from polykernel import Limits

WRITES = 1_000_000
# Bytes to each stream of a flood, and seconds for which nobody reads one.
FLOOD = 48 * MIB
UNREAD_TIME = 1.5

IN_C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static char block[1 << 16];
static void flood(int fd, long size) {
    for (; size > 0; size -= sizeof block)
        if (write(fd, block, sizeof block) != sizeof block) _exit(1);
}
int main(int argc, char **argv) {
    long size = atol(argv[2]);
    memset(block, 'x', sizeof block);
    if (!strcmp(argv[1], "tiny"))
        for (; size; size--) if (write(1, "o", 1) + write(2, "e", 1) != 2) return 1;
    if (!strcmp(argv[1], "large")) {
        if (!fork()) { flood(2, size); _exit(0); }
        flood(1, size);
        /* A megabyte to each of many pictures. */
        if (chdir(getenv("POLYKERNEL_MEDIA"))) return 2;
        for (int n = 0; n < 30; n++) {
            char name[32];
            snprintf(name, sizeof name, "%d.png", n);
            FILE *file = fopen(name, "w");
            for (int part = 0; part < 16; part++) fwrite(block, 1, sizeof block, file);
            fclose(file);
        }
    }
    return argc != 3;
}
"""
IN_PYTHON = """
import os, sys
name, size = sys.argv[1], int(sys.argv[2])
block = b"x" * 65536
if name == "tiny":
    for _ in range(size):
        os.write(1, b"o")
        os.write(2, b"e")
else:
    child = os.fork()
    for _ in range(0, size, len(block)):
        os.write(1 if child else 2, block)
    if child:
        os.waitpid(child, 0)
"""
PROGRAM = {"c": {"main.c": IN_C}, "python": {"main.py": IN_PYTHON}}
SESSION = """
import sys, threading
from IPython.display import HTML, Image, display
def flood(file):
    while True: print("x" * 1000, file=file)
for file in (sys.stdout, sys.stderr):
    threading.Thread(target=flood, args=(file,), daemon=True).start()
while True:
    display(HTML("x" * 10_000))
    display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + b"x" * 10_000, format="png"))
"""


def note_peak(it: Victim) -> None:
    """Note it if the runner ever had more than it may."""
    peak = it.runner_memory("VmHWM")
    print(f"the runner had {peak / MIB:.0f} MiB at most")  # noqa: T201
    if peak >= RUNNER_MEMORY:
        it.problems.append(f"the runner had {peak / MIB:.0f} MiB at most")


@pytest.mark.parametrize("lang", ["c", "python"])
async def test_a_million_tiny_writes_all_arrive(lang: str) -> None:
    count = WRITES if lang == "c" else WRITES // 4
    async with victim(lang) as it:
        attack = await it.attack(
            PROGRAM[lang], args=["tiny", str(count)], wall_time=20, verdicts=["ok"]
        )
        note_peak(it)
        await it.recovers()

    assert (attack.text, attack.stderr) == ("o" * count, "e" * count)


@pytest.mark.parametrize("lang", ["c", "python"])
async def test_large_floods_of_all_kinds_at_once_all_arrive(lang: str) -> None:
    async with victim(lang) as it:
        run = it.attack(PROGRAM[lang], args=["large", str(FLOOD)], wall_time=20, verdicts=["ok"])
        attack = await run
        note_peak(it)
        await it.recovers()

    assert (len(attack.text), len(attack.stderr)) == (FLOOD, FLOOD)


@pytest.mark.parametrize("lang", ["c", "python"])
@pytest.mark.parametrize("name", ["tiny", "large"])
async def test_a_flood_that_nobody_reads_waits(lang: str, name: str) -> None:
    async with victim(lang, asked=False) as it:
        run = it.kernel.run(
            PROGRAM[lang], args=[name, str(1 << 40)], stdin="", limits=Limits(wall_time=20)
        )
        await asyncio.sleep(UNREAD_TIME)  # it is what is tested: nothing happens meanwhile
        note_peak(it)
        await it.kernel.interrupt()
        result = await run
        await it.recovers()

    assert result.verdict == "interrupted"


@pytest.mark.parametrize("lang", ["python"])
async def test_a_flood_of_a_session_is_ended_in_time(lang: str) -> None:
    async with victim(lang) as it:
        await it.attack_session(SESSION, wall_time=1, verdicts=["time-limit"])
        note_peak(it)
        await it.kernel.reset()
        await it.session_answers_right()
        await it.answers_right()
