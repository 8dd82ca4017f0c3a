"""Files of /proc, as the runner reads them: none that waits for what a process does.

Not read are `cmdline`, `environ`, `maps`, `smaps` and `mem` of programs: the kernel waits there for
a lock of the program's memory, which the program can hold as long as it likes (proc(5)).
"""

from __future__ import annotations

import os

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


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


def read_stat(pid: int) -> tuple[bytes, list[bytes]]:
    """Return the name in /proc/PID/stat and the fields behind it; none for one that has ended."""
    try:
        # The name is in parentheses and may itself hold any of them.
        front, _, fields = read_file(f"/proc/{pid}/stat").rpartition(b")")
    except OSError:
        return b"", []
    return front.partition(b"(")[2], fields.split()
