"""What the container's memory cgroup counts."""

from __future__ import annotations

import contextlib

from polykernel_runner.usage import read_file

CGROUPS = "/sys/fs/cgroup"
# cgroup v2, then v1: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
_COUNTERS = ("memory.events", "memory/memory.oom_control")
_USED = ("memory.current", "memory/memory.usage_in_bytes")
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
_NO_LIMIT = 2**60  # cgroup v1 says so with a number near 2**63
# What part of the memory, and at most how many bytes of it, programs leave to the runner.
_RESERVE = 1 / 10
_MOST_RESERVE = 128 * 2**20


class MemoryCgroup:
    """Reads the files of a memory cgroup, of whichever version it is."""

    def __init__(self, directory: str = CGROUPS) -> None:
        self._directory = directory
        # Which of the versions' files is there; each run looks twice.
        self._there: dict[tuple[str, ...], tuple[str, ...]] = {}

    def oom_kills(self) -> int | None:
        """Return how many processes the kernel has killed for want of memory; None if untold."""
        for line in self._read(_COUNTERS).splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
        return None

    def limit(self) -> int | None:
        """Return how many bytes may be used; None where that is not bounded."""
        text = self._read(_LIMITS).strip()
        return int(text) if text.isdecimal() and int(text) < _NO_LIMIT else None

    def is_over_half(self) -> bool:
        """Return whether more than half of what may be used is used."""
        used, limit = self._read(_USED).strip(), self._read(_LIMITS).strip()
        return used.isdecimal() and limit.isdecimal() and int(used) > int(limit) / 2

    def _read(self, names: tuple[str, ...]) -> str:
        for name in self._there.get(names, names):
            with contextlib.suppress(OSError):
                text = read_file(f"{self._directory}/{name}").decode("ascii")
                self._there[names] = (name,)
                return text
        return ""


_OURS = MemoryCgroup()


def ceiling() -> int:
    """Return how many bytes the container may use before programs are ended; 0 for any number."""
    limit = _OURS.limit()
    return 0 if limit is None else limit - int(min(limit * _RESERVE, _MOST_RESERVE))


def oom_kills() -> int:
    """Return how many processes the kernel has killed here for want of memory; 0 if untold."""
    return _OURS.oom_kills() or 0
