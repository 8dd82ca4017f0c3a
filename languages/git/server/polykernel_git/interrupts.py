"""Interrupting what a shell runs."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BIT = 1 << (signal.SIGINT - 1)
# A shell that is interrupted as it forks may forget the child, and wait for it ever after.
_PATIENT_LOOKS = 2
_STATE, _SESSION = 0, 3  # in /proc/PID/stat, behind the name


class Strike:
    """One interrupt, for all that runs in the session of a shell, and at last for the shell itself.

    A process that was forked just now is still the shell, and what it gets is lost with the exec.
    So who would have ended by it and has not is interrupted again.
    """

    def __init__(self, shell: int) -> None:
        self._shell = shell
        self._looks = 0
        self._struck: set[int] = set()

    def again(self) -> None:
        """Interrupt whoever has not been."""
        self._looks += 1
        for pid in _others(self._shell):
            # It may go away meanwhile.
            with contextlib.suppress(OSError, ValueError, StopIteration):
                if not _catches(pid):
                    os.kill(pid, signal.SIGINT)
                elif pid not in self._struck and not (self._looks == 1 and self._is_shell(pid)):
                    self._struck.add(pid)
                    os.kill(pid, signal.SIGINT)
        if self._looks == _PATIENT_LOOKS:
            os.kill(self._shell, signal.SIGINT)  # it may read input itself

    def _is_shell(self, pid: int) -> bool:
        return Path(f"/proc/{pid}/exe").samefile(f"/proc/{self._shell}/exe")


def _others(shell: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
            pid = int(path.parent.name)
            if int(fields[_SESSION]) == shell != pid and fields[_STATE] != "Z":
                yield pid


def _catches(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
    caught = next(line for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & _BIT)
