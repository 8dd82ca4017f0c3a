"""What programs make where they may write, so that the next one finds none of it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from polykernel_runner.identity import acting_as
from polykernel_runner.workspace import Workspace

# A directory with more in it is somebody's data, and looking at it would take its time.
MOST_ENTRIES = 20_000
# Where what programs make is meant to stay: any file system but these was mounted by the host.
_TRANSIENT = ("tmpfs", "ramfs", "overlay")


class Leftovers:
    """Notes what appears while programs run, and takes it away before the next program.

    `places` are directories, `caches` paths below them that are left alone. Nothing is noted
    while `others` says that somebody else may write there too.
    """

    def __init__(
        self,
        workspace: Workspace,
        places: Iterable[Path],
        caches: Iterable[str],
        others: Callable[[], bool],
    ) -> None:
        self._workspace = workspace
        self._places = [str(place) for place in places if not is_mounted(place)]
        self._caches = {os.path.join(workspace.work, cache) for cache in caches}
        self._others = others
        self._built: set[str] = set()
        self._made: set[str] = set()

    @contextlib.contextmanager
    def noted(self, *, building: bool = False) -> Iterator[None]:
        """Note what appears while the block runs: a build, or else a program."""
        before = None if self._others() else self._look()
        try:
            yield
        finally:
            after = None if self._others() else self._look()
            if before is not None and after is not None:
                (self._built if building else self._made).update(after - before)

    def remove(self, *, built: bool) -> None:
        """Take away what programs made and, if told so, what was built."""
        kinds = [self._made, self._built] if built else [self._made]
        if not any(kinds):
            return
        from shutil import rmtree  # as the runner: the user may not read Python's own files

        with acting_as(self._workspace.user):
            for kind in kinds:
                for path in sorted(kind):
                    _remove(path, rmtree)
                kind.clear()

    def _look(self) -> set[str] | None:
        """Return the paths of all there is, or None where that is too much."""
        found: set[str] = set()
        left_alone = {*self._caches, self._workspace.private_root or ""}
        with acting_as(self._workspace.user):
            for place in self._places:
                for path in _walk(place, left_alone):
                    found.add(path)
                    if len(found) > MOST_ENTRIES:
                        return None
        return found


def is_mounted(directory: Path) -> bool:
    """Return whether the host mounted a directory, so that what is in it outlives the container."""
    real = os.path.realpath(directory)
    longest, kind = "", ""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields, _, source = line.partition(" - ")
            point = fields.split()[4].encode("latin-1", "replace").decode("unicode_escape")
            inside = real == point or real.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(longest):
                longest, kind = point, source.split()[0]
    return longest != "/" and kind not in _TRANSIENT


def _walk(directory: str, left_alone: set[str]) -> Iterator[str]:
    try:
        device = os.stat(directory).st_dev
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if entry.path in left_alone:
            continue
        yield entry.path
        with contextlib.suppress(OSError):
            if entry.is_dir(follow_symlinks=False) and entry.stat().st_dev == device:
                yield from _walk(entry.path, left_alone)


def _remove(path: str, rmtree: Callable[[str], None]) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return  # with the directory that it was in, or by the program itself
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(mode):
            _open_up(path)
            rmtree(path)
        else:
            os.unlink(path)


def _open_up(directory: str) -> None:
    """Let its owner into a directory and those below, which a program may have closed."""
    os.chmod(directory, 0o700)
    for entry in os.scandir(directory):
        if entry.is_dir(follow_symlinks=False):
            _open_up(entry.path)
