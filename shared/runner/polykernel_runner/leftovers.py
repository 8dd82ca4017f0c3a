"""What programs make where they may write, so that the next one finds none of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from polykernel_runner.cleaner import Snapshot
from polykernel_runner.errors import CleaningError, LaunchError
from polykernel_runner.workspace import Workspace

log = logging.getLogger(__name__)

# Private directories of jobs: what was built, and pictures.
BUILD = "build"
MEDIA = "media"


class Leftovers:
    """Knows what there was before jobs, and removes what they made.

    What is not a job's stays: what was there before, and what comes to be while something else has
    its turn, such as a query, or runs beside jobs, as `is_crowded` tells: services, and a shell on
    the terminal. Where a job ran beside those, nobody can say which files are its own; they stay.
    """

    def __init__(self, workspace: Workspace, is_crowded: Callable[[], bool]) -> None:
        self._workspace = workspace
        self._is_crowded = is_crowded
        # What there was before jobs; when a job's build had ended; when, behind jobs, something
        # else had its turn.
        self._before: Snapshot | None = None
        self._built: Snapshot | None = None
        self._left: Snapshot | None = None
        # Whether jobs have made something since they were last cleaned up after, whether it cannot
        # be told apart, and whether what there was before has changed meanwhile.
        self._is_dirty = False
        self._is_mixed = False
        self._is_stale = True
        self._is_sealed = False
        self._has_job = False
        self._turn = asyncio.Lock()
        # Why what was built may have been changed by programs, if it may.
        self.unsealed: str | None = None

    async def begin(self, *, clean: bool, keeps_build: bool) -> None:
        """Begin a job: note what there is, and, to `clean`, take away what jobs before made.

        With `keeps_build` what was built stays.

        Raises:
            CleaningError: it cannot be removed.
        """
        self._has_job = True
        emptied = [MEDIA, *([] if keeps_build else [BUILD])] if clean else []
        async with self._turn:
            await self._begin(emptied, clean=clean, keeps_build=keeps_build)

    async def _begin(self, emptied: list[str], *, clean: bool, keeps_build: bool) -> None:
        if self._is_crowded():
            self._is_mixed = True
            await self._empty(emptied)
            return
        await self._note()
        kept = self._built if keeps_build and self._built is not None else self._before
        if clean and self._is_dirty and kept is not None:
            await self._workspace.clean(kept, emptied)
        else:
            await self._empty(emptied)
        if BUILD in emptied:
            self._forget_build()
        self._is_dirty = True

    async def begin_build(self) -> None:
        """Begin a build, of a job or not: one that can only be read goes away."""
        if self._is_sealed or self.unsealed is not None:
            await self._empty([BUILD])
            self._forget_build()

    async def end_build(self) -> None:
        """End a job's build: keep from programs what it made.

        What it left in its own directory, that is; in the work directory they can change it.
        """
        if self._is_crowded():
            return
        async with self._turn:
            await self._end_build()

    async def _end_build(self) -> None:
        sealed = BUILD if self._workspace.has_private(BUILD) else None
        self._forget_built()
        try:
            self._built = await self._workspace.snapshot(sealed=sealed)
        except (CleaningError, LaunchError) as error:
            log.warning("programs can change what was built: %s", error)
            self.unsealed = str(error)
        else:
            self._is_sealed = sealed is not None

    def end(self) -> None:
        """End a job."""
        self._has_job = False
        self._is_mixed = self._is_mixed or self._is_crowded()

    async def begin_other(self) -> None:
        """Begin something that is no job, and whose files stay."""
        async with self._turn:
            await self._begin_other()

    async def _begin_other(self) -> None:
        if self._has_job:
            self._is_mixed = True
        elif not self._is_dirty or self._is_mixed:
            self._is_stale = True
        elif self._left is None and not self._is_crowded():
            self._left = await self._workspace.snapshot()
            if self._left is None:
                log.warning("a job left very many files: they are removed before what comes next")
                await self._workspace.clean(self._before, [])
                self._is_dirty = False
                self._is_stale = True

    async def _note(self) -> None:
        """Bring up to date what there was before jobs."""
        if self._is_mixed or (self._is_stale and not self._is_dirty):
            self._forget_files()
            self._is_dirty = False
        if self._left is not None:
            # What came when jobs had made what they made is not theirs.
            self._before = await self._with_later(self._before, self._left)
            self._built = await self._with_later(self._built, self._left)
            self._left.close()
            self._left = None
        if self._before is None:
            self._before = await self._workspace.snapshot()
            if self._before is None:
                log.warning("there are too many files to tell later which of them a job made")
        self._is_mixed = self._is_stale = False

    async def _with_later(self, noted: Snapshot | None, left: Snapshot) -> Snapshot | None:
        if noted is None:
            return None
        later = await self._workspace.snapshot(but=(noted, left))
        noted.close()
        return later

    async def _empty(self, names: list[str]) -> None:
        if any(map(self._workspace.has_private, names)):
            await self._workspace.clean(None, names)

    def _forget_build(self) -> None:
        self._forget_built()
        self._is_sealed = False
        self.unsealed = None

    def _forget_built(self) -> None:
        if self._built is not None:
            self._built.close()
            self._built = None

    def _forget_files(self) -> None:
        self._forget_built()
        for noted in (self._before, self._left):
            if noted is not None:
                noted.close()
        self._before = self._left = None

    def close(self) -> None:
        """Forget all that was noted."""
        self._forget_files()
