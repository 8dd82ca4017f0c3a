"""Which processes there are below one, and which there were: for what a killed one cannot tell."""

from __future__ import annotations

import os
import time
from collections import deque

from polykernel_runner.dataclass import dataclass
from polykernel_runner.usage import PAGE, TICK, children, read_stat

MOST_DEPARTED = 256
# How many processes one look is about at most; it takes time of what the runner has.
MOST_SEEN = 1024
_LONGEST_NAME = 15  # bytes; TASK_COMM_LEN of linux/sched.h
_EXITING = 0x4  # PF_EXITING of linux/sched.h

# A number alone may by now be another process's.
_Key = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process as it was seen last: `started` in ticks since boot, `memory` resident bytes."""

    pid: int
    parent: int
    started: int
    name: str
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """A process that has ended: how long it `ran` and when that was `noticed`, in seconds."""

    process: Process
    parents: tuple[Process, ...]
    ran: float
    noticed: float

    def __str__(self) -> str:
        """Return a line such as `4711 hog (512 MiB, ran 3.2 s) < make < sh`."""
        process = self.process
        about = f"{process.memory / 2**20:.0f} MiB, ran {self.ran:.1f} s"
        names = [parent.name for parent in self.parents]
        return " < ".join([f"{process.pid} {process.name} ({about})", *names])


class Census:
    """Looks at all processes below a root, but for launchers, which are no program's business.

    It follows the kernel's own lists of children, so its cost is that of these processes and not
    of the machine's. What comes and goes while it looks is no trouble. Names are those of the
    executable files, which a process may change; its command line is not asked for (see `usage`).
    """

    def __init__(self, root: int, launcher: str) -> None:
        self._root = root
        self._launcher = _shown(os.path.basename(launcher).encode()[:_LONGEST_NAME])
        self._there: dict[_Key, Process] = {}
        self.departed: deque[Departed] = deque(maxlen=MOST_DEPARTED)
        self.alone = True

    def take(self) -> None:
        """Look once; whoever has gone since the last look is added to `departed`."""
        before = self._there
        seen: set[_Key] = set()
        self._there = {}
        pids = children(self._root)
        self.alone = not pids
        for pid in pids:
            if len(pids) < MOST_SEEN:
                pids += children(pid)
            name, stat = _living(pid)
            if not stat:
                continue
            # proc(5): 4 ppid, 22 starttime, 24 rss; in what read_stat gives the third is index 0.
            key = pid, int(stat[19])
            seen.add(key)
            if name != self._launcher:
                self._there[key] = Process(
                    pid=pid,
                    parent=int(stat[1]),
                    started=key[1],
                    name=name,
                    memory=int(stat[21]) * PAGE,
                )
        self._note_departures(before, seen)

    def _note_departures(self, before: dict[_Key, Process], seen: set[_Key]) -> None:
        by_pid = {process.pid: process for process in before.values()}
        now, uptime = time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
        for key in before.keys() - seen:
            process = before[key]
            _, stat = _living(process.pid)
            if stat and int(stat[19]) == process.started:
                self._there[key] = process  # it got another parent while we looked
                continue
            self.departed.append(
                Departed(
                    process=process,
                    parents=_parents(process, by_pid),
                    ran=max(0.0, uptime - process.started / TICK),
                    noticed=now,
                )
            )


def _living(pid: int) -> tuple[str, list[bytes]]:
    """Return a process's name and what its stat says; nothing for one that has ended."""
    name, stat = read_stat(pid)
    # A killed process is long a zombie, or about to be, where it has much to give back.
    if not stat or stat[0] in {b"Z", b"X"} or int(stat[6]) & _EXITING:
        return "", []
    return _shown(name), stat


def _parents(process: Process, by_pid: dict[int, Process]) -> tuple[Process, ...]:
    found: list[Process] = []
    while (parent := by_pid.get(process.parent)) is not None and parent not in found:
        found.append(parent)
        process = parent
    return tuple(found)


def _shown(name: bytes) -> str:
    """Return a name for people: on one line."""
    return "".join(char if char.isprintable() else "?" for char in name.decode("utf-8", "replace"))
