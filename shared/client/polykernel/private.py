"""A private directory that goes away, at the latest when the next one is made.

Its owner holds a lock on it. A process that was killed holds none: what it left is removed by the
next `PrivateDirectory` of the same user.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from polykernel.errors import OptionError

PREFIX = "polykernel-ipc-"
# A Unix socket's path has at most 107 bytes, and "/term-out" is the longest of ours.
LONGEST_ROOT = 107 - len("/term-out") - len(PREFIX) - len("/12345678")


class PrivateDirectory:
    """A directory, mode 0700, with a path short enough for sockets in it."""

    def __init__(self) -> None:
        root = _root()
        _sweep(root)
        self._lock = -1
        while self._lock < 0:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
            # Between its making and this lock another process may have swept it.
            self._lock = _lock(self.path)

    def close(self) -> None:
        """Remove it, with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _root() -> Path:
    for root in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108
        if root and len(os.fsencode(root)) <= LONGEST_ROOT and os.access(root, os.W_OK | os.X_OK):
            return Path(root)
    raise OptionError(
        "no directory for sockets can be written; set TMPDIR to one with a short path"
    )


def _lock(path: Path) -> int:
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return -1
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return -1
    if path.exists():
        return lock
    os.close(lock)
    return -1


def _sweep(root: Path) -> None:
    for path in root.glob(f"{PREFIX}????????"):
        with suppress(OSError):
            ours = os.geteuid() in (0, path.lstat().st_uid)
            lock = _lock(path) if ours else -1
            if lock >= 0:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)
