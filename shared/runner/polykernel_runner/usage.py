"""What the processes of a run use, as /proc tells."""

from __future__ import annotations

import os
from dataclasses import replace

from polykernel_runner.dataclass import dataclass
from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import StopCause

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a tree of processes: how many, their seconds of cpu, their resident bytes."""

    processes: int
    cpu_time: float
    memory: int

    def since(self, cpu_time: float) -> Usage:
        """Return the same with only the cpu time that came after the first so many seconds."""
        return replace(self, cpu_time=self.cpu_time - cpu_time)


def read_file(path: str) -> bytes:
    """Return what a file of /proc or of a cgroup says, with half the system calls of open().

    Raises:
        OSError: it is not there, or whom it is about has ended.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    found = b""
    try:
        while more := os.read(file, 1 << 16):  # a page at a time is what it gives
            found += more
        return found
    finally:
        os.close(file)


def children(pid: int) -> list[int]:
    """Return the children of a process's threads; none for one that has ended."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, read_file(f"/proc/{pid}/task/{thread}/children").split())
    except OSError:
        pass  # it ended while we looked
    return found


def read_stat(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat from the third on, empty for one that has ended."""
    try:
        # The second field is the name in parentheses and may itself hold any of them.
        return read_file(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return []


def measure(launcher: int, watcher: int) -> Usage:
    """Return what the descendants of a launcher use, its watcher left out."""
    pids = children(launcher)
    processes, ticks, pages = 0, 0, 0
    for pid in pids:
        pids += children(pid)
        stat = read_stat(pid) if pid != watcher else []
        if not stat:
            continue
        # proc(5): 14 utime, 15 stime, 16 cutime, 17 cstime, 24 rss; here the third is index 0.
        ticks += sum(map(int, stat[11:15]))
        pages += int(stat[21])
        processes += stat[0] != b"Z"
    return Usage(processes, ticks / TICK, pages * PAGE)


def exceeded(used: Usage, limits: Limits) -> StopCause | None:
    """Return which of the limits on such things is exceeded, if one is."""
    if limits.memory is not None and used.memory > limits.memory:
        return "memory"
    if limits.cpu_time is not None and used.cpu_time >= limits.cpu_time:
        return "cpu-time"
    if limits.processes is not None and used.processes > limits.processes:
        return "processes"
    return None
