"""Hostile and honest jobs in one kernel, in an order that a seed decides: honest ones are right."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from driving.hostile import MIB, victim

if TYPE_CHECKING:
    from polykernel_runner.protocol import Verdict

SEEDS = {1: "c", 20: "python", 300: "c"}
# More of them are for the check before a release.
JOBS = int(os.environ.get("POLYKERNEL_HOSTILE_JOBS", "60"))
# Seconds: what ends by no other limit may take, and what ends by itself.
WALL_TIME = 0.3
LONG = 5.0


@dataclass(frozen=True)
class Cheap:
    """An attack that takes little time: a program, and how it may end."""

    source: str
    verdicts: tuple[Verdict, ...]
    options: dict[str, Any] = field(default_factory=dict)


IN_C = {
    "bomb": Cheap("for (;;) fork();", ("time-limit",)),
    "daemon": Cheap("if (!fork()) { setsid(); if (!fork()) for (;;) pause(); _exit(0); }", ("ok",)),
    "memory": Cheap(
        "for (;;) memset(malloc(1 << 20), 7, 1 << 20);", ("memory-limit",), {"memory": 32 * MIB}
    ),
    "memory-file": Cheap(
        'int fd = memfd_create("full", 0); while (write(fd, block, sizeof block) > 0) {}',
        ("memory-limit",),
        {"memory": 32 * MIB},
    ),
    "shared": Cheap(
        "memset(shmat(shmget(0x55, 1 << 20, IPC_CREAT | 0600), NULL, 0), 7, 1 << 20);", ("ok",)
    ),
    "queue": Cheap("msgget(0x55, IPC_CREAT | 0600);", ("ok",)),
    "files": Cheap(
        'char name[64]; for (int n = 0; n < 3000; n++) { sprintf(name, "/tmp/f%d", n); '
        "close(creat(name, 0600)); }",
        ("ok",),
    ),
    "deep": Cheap('for (int n = 0; n < 1500; n++) { mkdir("d", 0700); chdir("d"); }', ("ok",)),
    "closed": Cheap('chmod("/home/work", 0);', ("ok",)),
    "links": Cheap('symlink("/etc", "link"); symlink("loop", "loop"); mkfifo("pipe", 0);', ("ok",)),
    "stop-watcher": Cheap("kill(getppid(), SIGSTOP);", ("ok",), {"stdin": None}),
    "kill-all": Cheap("kill(-1, SIGKILL);", ("ok",), {"stdin": None}),
    "itself": Cheap(
        'char own[4096] = {0}; readlink("/proc/self/exe", own, 4095); unlink(own); '
        "close(creat(own, 0755));",
        ("ok",),
    ),
    "crash": Cheap("raise(SIGSEGV);", ("signal",)),
    "flood": Cheap("for (int n = 0; n < 64; n++) write(n % 2 + 1, block, sizeof block);", ("ok",)),
    "descriptors": Cheap('while (open("/dev/null", 0) >= 0) {}', ("ok",)),
    "stopped": Cheap("for (int n = 0; n < 50; n++) if (!fork()) for (;;) raise(SIGSTOP);", ("ok",)),
}
HEAD = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>
static char block[1 << 16];
"""
IN_PYTHON = {
    "bomb": Cheap("while True:\n    try: os.fork()\n    except OSError: pass", ("time-limit",)),
    "daemon": Cheap("if not os.fork():\n    os.setsid()\n    while True: signal.pause()", ("ok",)),
    "memory": Cheap(
        "held = []\nwhile True: held.append(b'x' * (1 << 20))",
        ("memory-limit",),
        {"memory": 32 * MIB},
    ),
    "pth": Cheap(
        "import site\nwhere = site.getusersitepackages()\nos.makedirs(where)\n"
        "open(where + '/a.pth', 'w').write('import sys; sys.stdout.write(\"MARK\")')",
        ("ok",),
    ),
    "shadow": Cheap("open('/home/work/os.py', 'w').write('print(1)')", ("ok",)),
    "closed": Cheap("os.chmod('/home/work', 0o311)", ("ok",)),
    "files": Cheap("for n in range(500): os.close(os.open(f'/dev/shm/{n}', os.O_CREAT))", ("ok",)),
    "modes": Cheap("os.makedirs('/tmp/a/b/c')\nos.chmod('/tmp/a/b', 0)", ("ok",)),
    "names": Cheap("os.mkdir(b'/var/tmp/\\xff\\n')", ("ok",)),
    "stop-watcher": Cheap(
        "try: os.kill(os.getppid(), signal.SIGSTOP)\nexcept OSError: pass", ("ok",), {"stdin": None}
    ),
    "kill-all": Cheap(
        "try: os.kill(-1, signal.SIGKILL)\nexcept OSError: pass", ("ok",), {"stdin": None}
    ),
    "pictures": Cheap(
        "where = os.environ['POLYKERNEL_MEDIA']\n"
        "for n in range(500): open(f'{where}/{n}.png', 'w').close()",
        ("ok",),
    ),
    "crash": Cheap("os.kill(os.getpid(), signal.SIGSEGV)", ("signal",)),
}


def job(lang: str, attack: Cheap) -> dict[str, Any]:
    """What `Victim.attack` takes."""
    if lang == "c":
        files = {"main.c": f"{HEAD}int main(void) {{ {attack.source} return 0; }}\n"}
    else:
        files = {"main.py": f"import os, signal, sys\n{attack.source}\n"}
    wall_time = WALL_TIME if "time-limit" in attack.verdicts else LONG
    return {"files": files, "verdicts": attack.verdicts, "wall_time": wall_time, **attack.options}


@pytest.mark.deadline(60.0 + JOBS)
@pytest.mark.parametrize(("seed", "lang"), SEEDS.items())
async def test_honest_jobs_are_right_among_hostile_ones(lang: str, seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311  that it is no secret is the point
    attacks = IN_C if lang == "c" else IN_PYTHON
    async with victim(lang) as it:
        for number in range(JOBS):
            if chosen.random() < 1 / 3:
                await it.answers_right()
                what = "an honest job"
            else:
                what = chosen.choice(sorted(attacks))
                await it.attack(**job(lang, attacks[what]))
            if it.problems:
                it.problems.append(f"after job {number} of seed {seed}, {what}")
                return
        await it.recovers()
