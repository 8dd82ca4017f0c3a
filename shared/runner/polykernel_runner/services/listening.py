"""Whose the sockets are that listen at a port."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from polykernel_runner.identity import Identity, acting_as

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENS = "0A"


def is_strangers(port: int, pid: int, user: Identity | None) -> bool:
    """Return whether a program listens at a port that was not started with process `pid`.

    What the user's processes have open the user may see. A socket that nobody is seen to have
    tells nothing.
    """
    with acting_as(user):
        holders: dict[str, set[int]] = {socket: set() for socket in _listening(port)}
        for process, socket in _open_sockets() if holders else ():
            if socket in holders:
                holders[socket].add(process)
    ours = _root(pid)
    return any(
        processes and ours not in {_root(process) for process in processes}
        for processes in holders.values()
    )


def _listening(port: int) -> Iterator[str]:
    """Return the sockets that listen at a port, as /proc/PID/fd calls them."""
    for table in _TABLES:
        with contextlib.suppress(OSError), open(table, encoding="ascii") as lines:
            next(lines, None)
            for line in lines:
                words = line.split()
                if words[3] == _LISTENS and int(words[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{words[9]}]"


def _open_sockets() -> Iterator[tuple[int, str]]:
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{name}/fd"):
                with contextlib.suppress(OSError):
                    yield int(name), os.readlink(f"/proc/{name}/fd/{fd}")


def _root(pid: int) -> int:
    """Return the child of the runner's that a process comes from, 0 where there is none."""
    while pid > 1:
        parent = _parent(pid)
        if parent == os.getpid():
            return pid
        pid = parent
    return 0


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/stat", "rb") as file:
        # The name, in parentheses, may hold anything.
        return int(file.read().rpartition(b")")[2].split()[1])
    return 0
