"""Whoever takes all there is of something other than memory keeps nobody from an answer."""

from __future__ import annotations

import pytest

from driving.hostile import victim

WALL_TIME = 0.8

# Each takes what it can and then sleeps: the limit of wall time ends it.
IN_C = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
static void descriptors(void) { while (open("/dev/null", O_RDONLY) >= 0) {} }
static void inodes(void) {
    const char *places[] = {"/tmp", "/var/tmp", "/dev/shm", "/home/work"};
    char name[64];
    for (int place = 0; place < 4; place++)
        for (int n = 0; n < 20000; n++) {
            snprintf(name, sizeof name, "%s/%d", places[place], n);
            close(creat(name, 0600));
        }
}
static void watches(void) {
    char name[64];
    int fd;
    while ((fd = inotify_init()) >= 0)
        for (int n = 0; n < 2000; n++) {
            snprintf(name, sizeof name, "/tmp/w%d", n);
            close(creat(name, 0600));
            if (inotify_add_watch(fd, name, IN_ALL_EVENTS) < 0) return;
        }
}
static void pipes(void) {
    int pair[2], large = 1 << 20;
    while (!pipe(pair)) if (fcntl(pair[0], F_SETPIPE_SZ, large) < 0 && !(large /= 2)) break;
}
static void sockets(void) {
    int pair[2], size = 1 << 20;
    static char block[1 << 16];
    for (int n = 0; n < 200 && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair); n++) {
        setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        while (send(pair[0], block, sizeof block, MSG_DONTWAIT) > 0) {}
    }
}
static void processes(void) {
    for (;;) {
        pid_t pid = fork();
        if (pid < 0) return;
        if (!pid) {
            for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
            setsid();
            for (;;) pause();
        }
    }
}
static void signals(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    while (!sigqueue(getpid(), SIGRTMIN, (union sigval){0})) {}
}
/* To everybody: what listens to signals is woken all the time. */
static void signals_to_others(void) {
    for (;;) for (int number = SIGRTMIN; number < 65; number++) {
        kill(getppid(), SIGCHLD);
        kill(-1, SIGCHLD);
        kill(-1, SIGCONT);
    }
}
static void timers(void) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    while (!timer_create(CLOCK_MONOTONIC, &event, &timer)) {}
    while (timerfd_create(CLOCK_MONOTONIC, 0) >= 0) {}
}
int main(int argc, char **argv) {
    static const struct { const char *name; void (*take)(void); } all[] = {
        {"descriptors", descriptors}, {"inodes", inodes}, {"watches", watches}, {"pipes", pipes},
        {"sockets", sockets}, {"processes", processes}, {"signals", signals},
        {"signals-to-others", signals_to_others}, {"timers", timers},
    };
    puts("begun");
    fflush(stdout);
    for (unsigned n = 0; n < sizeof all / sizeof *all; n++)
        if (argc > 1 && !strcmp(argv[1], all[n].name)) all[n].take();
    for (;;) pause();
}
"""
IN_PYTHON = """
import os, signal, sys, time
def descriptors():
    try:
        while True: os.open("/dev/null", os.O_RDONLY)
    except OSError: pass
def processes():
    try:
        while os.fork():
            pass
    except OSError: pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("begun", flush=True)
globals()[sys.argv[1]]()
time.sleep(1000)
"""
PROGRAM = {"c": {"main.c": IN_C}, "python": {"main.py": IN_PYTHON}}
C_NAMES = (
    *("descriptors", "inodes", "watches", "pipes", "sockets", "processes", "signals"),
    *("signals-to-others", "timers"),
)


@pytest.mark.parametrize(
    ("lang", "name"),
    [*(("c", name) for name in C_NAMES), ("python", "descriptors"), ("python", "processes")],
)
async def test_what_a_program_took_is_there_again(lang: str, name: str) -> None:
    async with victim(lang, memory="512m") as it:
        attack = await it.attack(
            PROGRAM[lang], args=[name], wall_time=WALL_TIME, verdicts=["time-limit"]
        )
        await it.recovers()

    assert attack.text == "begun\n"


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("name", ["processes", "signals-to-others"])
async def test_likewise_where_a_watcher_looks_on(lang: str, name: str) -> None:
    async with victim(lang) as it:
        await it.attack(
            PROGRAM[lang], args=[name], stdin=None, wall_time=1, verdicts=["time-limit"]
        )
        await it.recovers()
