"""Pictures of programs that know nothing of records: files in a directory that is shown."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Callable, Mapping

from polykernel_runner import media
from polykernel_runner.budget import OutputBudget
from polykernel_runner.evaluation import RecordSink
from polykernel_runner.identity import acting_as
from polykernel_runner.protocol import Limits
from polykernel_runner.workspace import Workspace

log = logging.getLogger(__name__)

VARIABLE = "POLYKERNEL_MEDIA"
LARGEST = 64 * 1024 * 1024  # bytes of one file, all of which is held in memory


class Pictures:
    """The directory that programs find by the variable, and what they put there."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def env(self) -> Mapping[str, str]:
        """Return what tells a program where the directory is."""
        return {VARIABLE: self._workspace.private("media")}

    async def show(self, sink: RecordSink, limits: Limits) -> None:
        """Send the pictures that are there as media, by name, and remove all that is there."""
        directory = self._workspace.private("media")
        if _is_seen_empty(directory):
            return
        with acting_as(self._workspace.user):
            try:
                entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
            except OSError:
                return
        from shutil import rmtree  # as the runner: the user may not read Python's own files

        budget = OutputBudget(limits)
        for entry in entries:
            with acting_as(self._workspace.user):
                data = _read(entry)
                _remove(entry, rmtree)
            kind = media.type_of(entry.name)
            if data is None or kind is None:
                continue
            if budget.take_whole(len(data)):
                await sink.show(media.to_record(kind, data))
            else:
                log.warning("the picture %s is larger than limits.output", entry.name)


def _is_seen_empty(directory: str) -> bool:
    """Look as the runner, as far as it may: to act as the user takes longer."""
    try:
        return not os.listdir(directory)
    except OSError:
        return False


def _read(entry: os.DirEntry[str]) -> bytes | None:
    if media.type_of(entry.name) is None:
        return None
    try:
        fd = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    about = os.fstat(fd)
    if not stat.S_ISREG(about.st_mode):
        os.close(fd)
        return None
    with open(fd, "rb") as file:
        if about.st_size > LARGEST:
            log.warning("the picture %s has %d bytes, too many", entry.name, about.st_size)
            return None
        return file.read(LARGEST)


def _remove(entry: os.DirEntry[str], rmtree: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError):
        if entry.is_dir(follow_symlinks=False):
            rmtree(entry.path)
        else:
            os.unlink(entry.path)
