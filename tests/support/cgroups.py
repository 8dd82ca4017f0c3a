"""Memory cgroups made of plain files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from polykernel_runner.cgroup import MemoryCgroup

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    2: ("memory.events", "memory.current", "memory.max"),
    1: ("memory.oom_control", "memory.usage_in_bytes", "memory.limit_in_bytes"),
}


@dataclass(slots=True)
class Cgroup:
    """A memory cgroup of either version, whose files say what a test wants."""

    directory: Path
    version: int = 2

    @property
    def memory(self) -> MemoryCgroup:
        return MemoryCgroup(str(self.directory))

    def say(self, *, kills: int, used: int = 0, limit: int | str = "max") -> None:
        place = self.directory / ("memory" if self.version == 1 else "")
        place.mkdir(exist_ok=True)
        texts = (f"low 0\noom 7\noom_kill {kills}\n", f"{used}\n", f"{limit}\n")
        for name, text in zip(FILES[self.version], texts, strict=True):
            new = place / f"{name}.new"
            new.write_text(text)
            new.replace(place / name)
