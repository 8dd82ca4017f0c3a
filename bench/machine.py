"""What was measured on."""

from __future__ import annotations

import datetime as dt
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.containers import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`load` is how many processes wanted a cpu before anything began: more than one is noise."""

    date: str
    processor: str
    cpus: int
    memory: int
    kernel: str
    engine: str
    storage: str
    load: float

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cpus} cpus, {self.memory / 1e9:.0f} GB, Linux {self.kernel},"
            f" Docker {self.engine} ({self.storage}), {self.date}, load {self.load:.1f} before"
        )


def this_machine(engine: Engine) -> Machine:
    """Describe it; the engine is on it."""
    info = engine.info
    return Machine(
        date=dt.datetime.now(tz=dt.timezone.utc).date().isoformat(),
        processor=_processor(),
        cpus=int(info["NCPU"]),
        memory=int(info["MemTotal"]),
        kernel=str(info["KernelVersion"]),
        engine=str(info["ServerVersion"]),
        storage=str(info["Driver"]),
        load=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()
