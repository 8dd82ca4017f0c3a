"""Cpu time is counted whoever spends it: children that nobody waits for, threads, daemons."""

from __future__ import annotations

import pytest

from driving.hostile import victim

# Seconds that each program spends, and what part of them has to be seen.
SPENT = 1.0
SEEN = 0.8

IN_C = r"""
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double spent(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}
static void burn(double seconds) { while (spent(CLOCK_THREAD_CPUTIME_ID) < seconds) {} }
static void *in_thread(void *seconds) { burn(*(double *)seconds); return NULL; }
/* Ends when all that have the pipe's other end have closed it. */
static void wait_for(int *pair) {
    char byte;
    close(pair[1]);
    while (read(pair[0], &byte, 1) > 0) {}
}
int main(int argc, char **argv) {
    double all = atof(argv[2]);
    int pair[2];
    pthread_t thread;
    if (argc < 3 || pipe(pair)) return 1;
    switch (*argv[1]) {
    case 'g': /* a grandchild, whose parent has ended */
        if (!fork()) { if (!fork()) burn(all); _exit(0); }
        break;
    case 'i': /* a child that nobody can wait for */
        signal(SIGCHLD, SIG_IGN);
        if (!fork()) { burn(all); _exit(0); }
        break;
    case 'm': /* many short ones, one after the other */
        for (double left = all; left > 0; left -= 0.05) {
            int turn[2];
            if (pipe(turn)) return 1;
            if (!fork()) { burn(0.05); _exit(0); }
            wait_for(turn);
            close(turn[0]);
        }
        break;
    case 't':
        pthread_create(&thread, NULL, in_thread, &all);
        pthread_join(thread, NULL);
        break;
    case 'd': /* a daemon that is not done when the program ends */
        if (!fork()) {
            setsid();
            if (!fork()) { burn(all); close(pair[0]); close(pair[1]); burn(1e9); }
            _exit(0);
        }
        break;
    }
    wait_for(pair);
    _exit(0);
}
"""
IN_PYTHON = """
import os, signal, sys, time
name, all = sys.argv[1], float(sys.argv[2])
def burn(seconds):
    start = time.process_time()
    while time.process_time() - start < seconds: pass
ours, theirs = os.pipe()
if name == "grandchild":
    if not os.fork():
        if not os.fork(): burn(all)
        os._exit(0)
if name == "many":
    for _ in range(round(all / 0.1)):
        turn, other = os.pipe()
        if not os.fork():
            burn(0.1)
            os._exit(0)
        os.close(other)
        os.read(turn, 1)
os.close(theirs)
os.read(ours, 1)
"""
PROGRAM = {"c": {"main.c": IN_C}, "python": {"main.py": IN_PYTHON}}


@pytest.mark.parametrize(
    ("lang", "name"),
    [
        *(("c", name) for name in ("grandchild", "ignored", "many", "thread", "daemon")),
        *(("python", name) for name in ("grandchild", "many")),
    ],
)
async def test_what_others_spend_for_a_program_is_its_cpu_time(lang: str, name: str) -> None:
    async with victim(lang) as it:
        attack = await it.attack(
            PROGRAM[lang], args=[name, str(SPENT)], wall_time=15, verdicts=["ok"]
        )

    assert attack.result.cpu_time >= SEEN * SPENT


@pytest.mark.parametrize(
    ("lang", "name"),
    [
        *(("c", name) for name in ("grandchild", "ignored", "many", "daemon")),
        *(("python", name) for name in ("many",)),
    ],
)
async def test_the_limit_of_cpu_time_is_for_all_together(lang: str, name: str) -> None:
    async with victim(lang) as it:
        attack = await it.attack(
            PROGRAM[lang], args=[name, "8"], cpu_time=1, wall_time=15, verdicts=["time-limit"]
        )

    assert attack.result.reason == "limits.cpuTime was reached"
    assert attack.result.cpu_time >= SEEN
