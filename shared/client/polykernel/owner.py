"""Which process a container belongs to, so that what a killed one left can be told and removed."""

from __future__ import annotations

import os
from pathlib import Path


def this_process() -> str | None:
    """Return a text that no other process of any machine has; None where it cannot be told."""
    try:
        return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}"
    except OSError:
        return None


def is_gone(owner: str | None) -> bool:
    """Whether it was a process of this machine that has ended."""
    try:
        machine, pid, started = (owner or "").split("/")
        if machine != _machine():
            return False
    except (ValueError, OSError):
        return False
    try:
        return _started(int(pid)) != started
    except (OSError, ValueError):
        return True


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{Path('/proc/self/ns/pid').stat().st_ino}"


def _started(pid: int) -> str:
    # Field 22 of stat(5); the second, the name, may hold anything, but ends with the last ")".
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
