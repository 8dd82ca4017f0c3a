"""Whoever takes all memory there is ends with memory-limit, and what held it is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.hostile import MIB, victim

if TYPE_CHECKING:
    from polykernel_runner.protocol import Verdict

IN_C = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
enum { MIB = 1 << 20 };
static char block[MIB];
static void prefer_others(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    if (write(fd, "0", 1) < 0) perror("oom_score_adj");
    close(fd);
}
static void take(int size) { for (volatile char *at = malloc(size); size; size--) *at++ = 7; }
static void one(void) { for (;;) take(MIB); }
/* Each less than the runner has; whoever is killed has a successor. */
static void children(void) {
    for (int n = 0;; n++) {
        if (n >= 100) wait(NULL);
        if (!fork()) { take(8 * MIB); for (;;) pause(); }
    }
}
static void shared(void) {
    for (int n = 0; n < 32; n++) {
        int id = shmget(IPC_PRIVATE, 32 * MIB, 0600);
        if (id < 0) { perror("shmget"); exit(3); }
        char *memory = shmat(id, NULL, 0);
        for (int at = 0; at < 32 * MIB; at += 4096) memory[at] = 7;
        shmdt(memory);
    }
}
static void fill(int fd) { while (write(fd, block, sizeof block) > 0) {} }
static void files(void) {
    const char *names[] = {"/dev/shm/full", "/home/work/full", "/tmp/full", "/var/tmp/full"};
    for (int n = 0; n < 4; n++) fill(open(names[n], O_WRONLY | O_CREAT, 0600));
}
static void memory_file(void) { fill(memfd_create("full", 0)); }
static void pipes(void) {
    int pair[2];
    for (int n = 0; n < 3; n++) fork();
    while (!pipe2(pair, O_NONBLOCK)) fill(pair[1]);
    for (;;) pause();
}
int main(int argc, char **argv) {
    prefer_others();
    memset(block, 7, sizeof block);
    switch (argc > 1 ? *argv[1] : 0) {
    case 'o': one(); break;
    case 'c': children(); break;
    case 's': shared(); break;
    case 'f': files(); break;
    case 'm': memory_file(); break;
    case 'p': pipes(); break;
    }
    puts("it found room for all of it");
    fflush(stdout);
    for (;;) pause();
}
"""
IN_PYTHON = """
import os, signal, sys
MIB = 1 << 20
def one():
    held = []
    while True:
        held.append(b"x" * MIB)
def children():
    count = 0
    while True:
        if (count := count + 1) > 100:
            os.wait()
        if not os.fork():
            held = b"x" * (8 * MIB)
            signal.pause()
def memory_file():
    fd = os.memfd_create("full")
    while True:
        os.write(fd, b"x" * MIB)
def attack(name):
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("0")
    except PermissionError:
        pass  # where there is Landlock
    globals()[name]()
"""
PROGRAM = {
    "c": {"main.c": IN_C},
    "python": {"main.py": f"{IN_PYTHON}\nattack(sys.argv[1])\n"},
}
ATTACKS = [
    *(("c", name) for name in ("one", "children", "shared", "files", "memory_file", "pipes")),
    *(("python", name) for name in ("children", "memory_file")),
]


def without_a_limit(name: str) -> tuple[Verdict, ...]:
    """Who loses a child may go on: a log record tells of it (test_oom.py). The client leaves too
    little room in files and System V memory to fill the container by."""
    other: dict[str, Verdict] = {"children": "time-limit", "files": "time-limit", "shared": "error"}
    return ("memory-limit", *([other[name]] if name in other else []))


@pytest.mark.parametrize(("lang", "name"), ATTACKS)
async def test_who_fills_the_containers_memory_ends_and_nobody_else(lang: str, name: str) -> None:
    async with victim(lang) as it:
        await it.attack(PROGRAM[lang], args=[name], wall_time=3, verdicts=without_a_limit(name))
        await it.recovers()


@pytest.mark.parametrize(("lang", "name"), ATTACKS)
async def test_a_runs_limit_counts_all_memory_that_it_fills(lang: str, name: str) -> None:
    """Also what is no process's own: shared memory, files in memory, pipes."""
    async with victim(lang) as it:
        attack = await it.attack(
            PROGRAM[lang],
            args=[name],
            memory=64 * MIB,
            verdicts=["error" if name == "shared" else "memory-limit"],
        )
        await it.recovers()

    # What pipes hold is on no list of what a run has: there the container's own limit may be first.
    if name not in {"pipes", "shared"}:
        assert attack.result.reason == "limits.memory was exceeded"


@pytest.mark.parametrize("lang", ["python"])
@pytest.mark.parametrize("name", ["one", "children", "memory_file"])
async def test_a_query_that_fills_memory_costs_the_state_at_most(lang: str, name: str) -> None:
    code = f"{IN_PYTHON}\nattack({name!r})"
    async with victim(lang) as it:
        await it.attack_session(code, wall_time=3, verdicts=without_a_limit(name))
        await it.session_answers_right()
        await it.answers_right()
