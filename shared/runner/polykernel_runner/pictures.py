"""Pictures of programs that know nothing of records: files in a directory that is shown."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import stat
from collections.abc import Mapping

from polykernel_runner import media
from polykernel_runner.budget import OutputBudget
from polykernel_runner.evaluation import RecordSink
from polykernel_runner.identity import acting_as
from polykernel_runner.leftovers import MEDIA
from polykernel_runner.protocol import Limits
from polykernel_runner.workspace import Workspace

log = logging.getLogger(__name__)

VARIABLE = "POLYKERNEL_MEDIA"
# How many files are looked at, how many are shown, and how many bytes they have together; all of
# one are held in memory.
MOST_FILES = 1024
MOST_SHOWN = 256
MOST_BYTES = 64 * 1024 * 1024
# A file larger than this which is mostly holes is no picture.
_SOLID = 1024 * 1024
_BLOCK = 512  # bytes; the unit of st_blocks, see stat(2)


class Pictures:
    """The directory that programs find by the variable, and what they put there."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def env(self) -> Mapping[str, str]:
        """Return what tells a program where the directory is."""
        return {VARIABLE: self._workspace.private(MEDIA)}

    async def show(self, sink: RecordSink, limits: Limits) -> None:
        """Send the pictures that are there as media, by name, and remove all that is there.

        Raises:
            CleaningError: it cannot be removed.
        """
        directory = self._workspace.private(MEDIA)
        if _is_seen_empty(directory):
            return
        try:
            await self._show(directory, sink, OutputBudget(limits))
        finally:
            await self._workspace.clean(None, [MEDIA])

    async def _show(self, directory: str, sink: RecordSink, budget: OutputBudget) -> None:
        with acting_as(self._workspace.user):
            names = _names(directory)
        left = MOST_BYTES
        for number, name in enumerate(names):
            if number == MOST_SHOWN:
                log.warning("only the first %d of %d pictures are shown", MOST_SHOWN, len(names))
                return
            with acting_as(self._workspace.user):
                file = _open(os.path.join(directory, name), name, left)
            if file is None:
                continue
            data = await asyncio.to_thread(_read, file, left)
            left -= len(data)
            if budget.take_whole(len(data)):
                kind = media.type_of(name) or ""
                await sink.show(await asyncio.to_thread(media.to_record, kind, data))
            else:
                log.warning("the picture %r is larger than limits.output", name)


def _is_seen_empty(directory: str) -> bool:
    """Look as the runner, as far as it may: to act as the user takes longer."""
    try:
        with os.scandir(directory) as entries:
            return next(entries, None) is None
    except OSError:
        return False


def _names(directory: str) -> list[str]:
    """Return the names of what may be pictures, sorted, out of not too many files."""
    try:
        with os.scandir(directory) as entries:
            found = [entry.name for entry in itertools.islice(entries, MOST_FILES + 1)]
    except OSError:
        return []
    if len(found) > MOST_FILES:
        log.warning("there are more than %d files of pictures; no others are shown", MOST_FILES)
        del found[MOST_FILES:]
    return sorted(name for name in found if media.type_of(name) is not None)


def _open(path: str, name: str, most: int) -> int | None:
    """Return a descriptor of a picture, or None for what is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    about = os.fstat(fd)
    if not stat.S_ISREG(about.st_mode):
        os.close(fd)
        return None
    is_hollow = about.st_size > _SOLID and about.st_blocks * _BLOCK * 2 < about.st_size
    if about.st_size > most or is_hollow:
        why = "mostly holes" if is_hollow else f"too many beside the others, of {MOST_BYTES}"
        log.warning("the picture %r has %d bytes, %s", name, about.st_size, why)
        os.close(fd)
        return None
    return fd


def _read(fd: int, most: int) -> bytes:
    with open(fd, "rb") as file, contextlib.suppress(OSError):
        return file.read(most)
    return b""
