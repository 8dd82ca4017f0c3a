"""Programs that become many are ended in time, all of them, and the kernel answers meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from driving.hostile import GONE_PATIENCE, seconds_after_client_death, victim

if TYPE_CHECKING:
    from polykernel_runner.protocol import Verdict

WALL_TIME = 1.0

IN_C = r"""
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
enum { PAGES = 1 << 20 };
static char *region;
static void bomb(void) { for (;;) fork(); }
static void daemons(void) {
    for (;;) if (!fork()) { setsid(); if (fork()) _exit(0); }
}
/* Each is born stopped: what is sent to it is not delivered before it is continued. */
static void stopped(void) {
    for (;;) if (!fork()) for (;;) raise(SIGSTOP);
}
static void deaf(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    bomb();
}
static void continuing(void) {
    for (;;) { if (!fork()) for (;;) { kill(-1, SIGCONT); fork(); } }
}
/* Also the program itself and its watcher. */
static void murderous(void) {
    for (;;) if (!fork()) for (;;) { fork(); kill(-1, SIGKILL); }
}
static void *wait_long(void *unused) { for (;;) pause(); return unused; }
static void threads(void) {
    pthread_t thread;
    for (;;) while (!pthread_create(&thread, NULL, wait_long, NULL)) {}
}
static void *hold_lock(void *unused) {
    for (;;) {
        mprotect(region, PAGES * 4096L, PROT_READ);
        mprotect(region, PAGES * 4096L, PROT_READ | PROT_WRITE);
    }
    return unused;
}
/* Whoever reads the command line of such a process waits for a lock that is always taken. */
static void locked(void) {
    pthread_t thread;
    for (int n = 0; n < 4; n++) fork();
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    region = mmap(NULL, PAGES * 4096L, PROT_READ, flags, -1, 0);
    for (long n = 0; n < PAGES; n += 8) (void)*(volatile char *)(region + n * 4096);
    for (int n = 0; n < 8; n++) pthread_create(&thread, NULL, hold_lock, NULL);
    hold_lock(NULL);
}
/* Whoever reads the command lines of all reads very much. */
static void wordy(void) {
    static char word[120000], *argv[17], *env[] = {NULL};
    memset(word, 'w', sizeof word - 1);
    for (int n = 0; n < 16; n++) argv[n] = word;
    for (int n = 0; n < 100; n++) if (!fork()) { execve("/proc/self/exe", argv, env); _exit(1); }
    for (;;) pause();
}
int main(int argc, char **argv) {
    if (argc == 16) for (;;) pause();
    static const struct { const char *name; void (*attack)(void); } attacks[] = {
        {"bomb", bomb}, {"daemons", daemons}, {"stopped", stopped}, {"deaf", deaf},
        {"continuing", continuing}, {"murderous", murderous}, {"threads", threads},
        {"locked", locked}, {"wordy", wordy},
    };
    const char *name = argc > 1 ? argv[1] : ATTACK;
    write(1, "begun\n", 6);
    for (unsigned n = 0; n < sizeof attacks / sizeof *attacks; n++)
        if (!strcmp(name, attacks[n].name)) attacks[n].attack();
    return 1;
}
"""
IN_PYTHON = {
    "bomb": """
import os
while True:
    try: os.fork()
    except OSError: pass
""",
    "threads": """
import threading, time
def rest():
    time.sleep(1000)
while True:
    try: threading.Thread(target=rest, daemon=True).start()
    except RuntimeError: pass
""",
    "stopped": """
import os, signal
while True:
    try:
        if not os.fork():
            while True: os.kill(os.getpid(), signal.SIGSTOP)
    except OSError: pass
""",
}


def program(lang: str, name: str) -> dict[str, str]:
    if lang == "c":
        return {"main.c": f'#define ATTACK "{name}"\n{IN_C}'}
    if lang == "python":
        return {"main.py": f"print('begun', flush=True)\n{IN_PYTHON[name]}"}
    if lang == "perl":
        return {"main.pl": "$| = 1; print qq(begun\\n); fork while 1\n"}
    return {"main.sh": "echo begun\n:() { :|:& }; : & while :; do :; done\n"}


@pytest.mark.parametrize(
    ("lang", "name"),
    [
        *(("c", name) for name in ("bomb", "daemons", "stopped", "deaf", "continuing")),
        *(("c", name) for name in ("threads", "locked", "wordy")),
        *(("python", name) for name in IN_PYTHON),
        ("perl", "bomb"),
        ("bash", "bomb"),
    ],
)
async def test_a_bomb_is_ended_in_time(lang: str, name: str) -> None:
    async with victim(lang, memory="1g") as it:
        attack = await it.attack(program(lang, name), wall_time=WALL_TIME, verdicts=["time-limit"])
        await it.recovers()

    assert attack.text.startswith("begun\n")


@pytest.mark.parametrize("lang", ["python", "perl"])
async def test_a_bomb_that_fills_the_memory_is_ended_before_the_kernel_is(lang: str) -> None:
    """Stopping so many first would leave it full for too long."""
    async with victim(lang) as it:
        await it.attack(
            program(lang, "bomb"), wall_time=WALL_TIME, verdicts=["time-limit", "memory-limit"]
        )
        await it.recovers()


@pytest.mark.parametrize("lang", ["c"])
async def test_a_program_that_its_children_kill_ends_by_that_signal(lang: str) -> None:
    async with victim(lang) as it:
        await it.attack(program(lang, "murderous"), wall_time=WALL_TIME, verdicts=["signal"])
        await it.recovers()


@pytest.mark.parametrize("lang", ["c"])
async def test_a_bomb_whose_input_is_open_is_ended_in_time(lang: str) -> None:
    """There its watcher looks at all of it."""
    async with victim(lang) as it:
        await it.attack(
            program(lang, "bomb"), stdin=None, wall_time=WALL_TIME, verdicts=["time-limit"]
        )
        await it.recovers()


IN_JAVA = """
while (true) {
    try {
        new Thread(() -> { while (true) { try { Thread.sleep(1000); } catch (Exception e) {} } })
            .start();
    } catch (Throwable error) {}
}
"""


@pytest.mark.parametrize(("lang", "name"), [("python", "bomb"), ("python", "threads")])
async def test_a_bomb_in_a_query_costs_the_state_at_most(lang: str, name: str) -> None:
    """Also where there is less memory than so many processes take."""
    verdicts: list[Verdict] = ["time-limit", "memory-limit"]
    async with victim(lang) as it:
        await it.attack_session(IN_PYTHON[name], wall_time=WALL_TIME, verdicts=verdicts)
        await it.session_answers_right()
        await it.answers_right()


@pytest.mark.parametrize("lang", ["java"])
async def test_a_bomb_of_threads_in_javas_session_likewise(lang: str) -> None:
    async with victim(lang, memory="512m") as it:
        await it.attack_session(
            IN_JAVA, wall_time=WALL_TIME, verdicts=["time-limit", "memory-limit"]
        )
        await it.session_answers_right()
        await it.answers_right()


@pytest.mark.parametrize(
    ("lang", "name"), [("c", "bomb"), ("perl", "bomb"), ("c", "locked"), ("python", "threads")]
)
async def test_a_bomb_goes_with_its_killed_client(lang: str, name: str) -> None:
    seconds = await asyncio.to_thread(seconds_after_client_death, lang, program(lang, name))

    assert seconds < GONE_PATIENCE
