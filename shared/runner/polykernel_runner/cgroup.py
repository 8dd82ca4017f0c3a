"""What the container's memory cgroup counts."""

from __future__ import annotations

import contextlib

from polykernel_runner.usage import read_file

CGROUPS = "/sys/fs/cgroup"
# cgroup v2, then v1: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
_COUNTERS = ("memory.events", "memory/memory.oom_control")
_USED = ("memory.current", "memory/memory.usage_in_bytes")
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")


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


def oom_kills() -> int:
    """Return how many processes the kernel has killed here for want of memory; 0 if untold."""
    return _OURS.oom_kills() or 0
