"""The directories that user code has: the work directory and private ones. All as its user."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from polykernel_runner.cleaner import Cleaner, Snapshot
from polykernel_runner.errors import CleaningError, JobRefused, LaunchError
from polykernel_runner.identity import Identity, acting_as

log = logging.getLogger(__name__)

# Where what programs make is meant to stay: any file system but these was mounted by the host.
_TRANSIENT = ("tmpfs", "ramfs", "overlay")


class Workspace:
    """Files of the user's.

    The private directories lie in one of the runner's, so that programs can fill and close them,
    but put nothing in their place. `launcher` is the path of polykernel-launch, which cleans;
    `scratch` are the directories beside the work directory that everybody may write to.
    """

    def __init__(
        self,
        work: Path,
        user: Identity | None,
        launcher: str = "",
        scratch: Iterable[Path] = (),
    ) -> None:
        self.work = work
        self.user = user
        places = [str(place) for place in (work, *scratch) if not is_mounted(place)]
        self._cleaner = Cleaner(launcher, user, places)
        self._private: str | None = None
        self._written: set[str] = set()

    def private(self, name: str) -> str:
        """Return a directory of that name outside the work directory, made if need be."""
        if self._private is None:
            self._private = _make_temporary(self.user)
        path = os.path.join(self._private, name)
        if not os.path.isdir(path):
            self._make_private(path)
        return path

    def _make_private(self, path: str) -> None:
        if self.user is None or os.stat(os.path.dirname(path)).st_uid == self.user.uid:
            with acting_as(self.user):
                os.mkdir(path, 0o755)
            return
        # It is to be the user's, and only who may write to the directory above can make it so.
        os.chmod(os.path.dirname(path), 0o771)  # noqa: S103
        try:
            with acting_as(self.user):
                os.mkdir(path, 0o755)
        finally:
            os.chmod(os.path.dirname(path), 0o711)  # noqa: S103

    def has_private(self, name: str) -> bool:
        """Return whether a private directory has been made."""
        return self._private is not None and os.path.isdir(os.path.join(self._private, name))

    async def snapshot(
        self, *, but: tuple[Snapshot, Snapshot] | None = None, sealed: str | None = None
    ) -> Snapshot | None:
        """Return what there is; see `Cleaner`. `sealed` names a private directory.

        Raises:
            CleaningError: it cannot be told, or the directory cannot be sealed.
        """
        directory = None if sealed is None else self.private(sealed)
        return await self._cleaner.snapshot(self._left_alone(), but=but, sealed=directory)

    async def clean(self, kept: Snapshot | None, emptied: Iterable[str]) -> None:
        """Empty private directories, and remove what is in no snapshot, if there is one.

        Raises:
            CleaningError: something cannot be removed.
        """
        paths = [self.private(name) for name in emptied if self.has_private(name)]
        await self._cleaner.clean(kept, self._left_alone(), paths)

    def _left_alone(self) -> list[str]:
        return [] if self._private is None else [self._private]

    def write_private(self, name: str, file: str, data: bytes) -> str:
        """Write a file into a private directory; return its path."""
        path = os.path.join(self.private(name), file)
        with acting_as(self.user):
            put(path, data)
        return path

    def replace_program(self, files: Mapping[str, bytes], *, keep: bool = False) -> None:
        """Write a program's files; unless `keep`, those before it that it lacks go away.

        Raises:
            JobRefused: a file cannot be written.
        """
        with acting_as(self.user):
            if not keep:
                self._remove(self._written - files.keys())
                self._written = set()
            for name, data in files.items():
                self._write(name, data)
                self._written.add(name)

    async def remove_private(self) -> None:
        """Remove the private directories."""
        root, self._private = self._private, None
        if root is None:
            return
        try:
            paths = [os.path.join(root, name) for name in os.listdir(root)]
            await self._cleaner.clean(None, (), paths)
            for path in filter(os.path.isdir, paths):
                os.rmdir(path)
            with acting_as(self.user if os.stat(root).st_uid else None):
                os.rmdir(root)
        except (OSError, CleaningError, LaunchError) as error:
            log.warning("%s is left: %s", root, error)

    def _write(self, name: str, data: bytes) -> None:
        try:
            with self._parent(name, make=True) as (directory, last):
                put(last, data, dir_fd=directory)
        except (OSError, ValueError) as error:
            raise JobRefused(f"file {name!r} cannot be written: {error}") from error

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            # What the program removed itself is gone, and what it put in the place stays.
            with contextlib.suppress(OSError, JobRefused):
                with self._parent(name) as (directory, last):
                    os.unlink(last, dir_fd=directory)
                for above in map(str, PurePosixPath(name).parents[:-1]):
                    with self._parent(above) as (directory, last):
                        os.rmdir(last, dir_fd=directory)

    @contextlib.contextmanager
    def _parent(self, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Open the directory that a file of the work directory is in; give it and the last name.

        Links that stay inside are followed as they are now; one that a program puts there meanwhile
        is not.

        Raises:
            JobRefused: it is not inside.
            OSError: it cannot be opened.
        """
        work = os.path.realpath(self.work)
        parent = os.path.realpath(os.path.join(work, os.path.dirname(name)))
        if os.path.commonpath((work, parent)) != work:
            raise JobRefused(f"file name {name!r} leads out of the work directory by a link")
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        directory = os.open(work, flags)
        try:
            for part in PurePosixPath(os.path.relpath(parent, work)).parts:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=directory)
                below = os.open(part, flags, dir_fd=directory)
                os.close(directory)
                directory = below
            yield directory, os.path.basename(name)
        finally:
            os.close(directory)


def _make_temporary(user: Identity | None) -> str:
    """Make the directory that the private ones lie in.

    It is the runner's wherever the runner may write, so that programs cannot move what is in it.
    (tempfile takes longer to load than a run of `true`, and 0.7 MB.)
    """
    places = [os.environ.get("TMPDIR"), "/tmp", "/var/tmp"]  # noqa: S108 - a name nobody can guess
    name = f"polykernel-{os.urandom(8).hex()}"
    # Of the user's group, which may make directories there while the runner lets it.
    own = None if user is None else Identity(os.geteuid(), user.gid)
    for who in (own, user):
        for place in filter(None, places):
            path = os.path.join(place, name)
            with contextlib.suppress(OSError), acting_as(who):
                os.mkdir(path, 0o711)
                return path
    raise JobRefused("no directory for temporary files can be written; mount a tmpfs at /tmp")


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


def put(
    path: str | Path, data: bytes, mode: int | None = None, *, dir_fd: int | None = None
) -> None:
    """Write a file, not into what user code may have put in its place: a link, or a pipe which
    nobody reads. With a mode it never has another, whatever the umask."""
    with contextlib.suppress(OSError):
        os.unlink(path, dir_fd=dir_fd)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
    first = 0o666 if mode is None else mode & 0o600
    with open(
        path, "wb", opener=lambda name, _: os.open(name, flags, first, dir_fd=dir_fd)
    ) as target:
        if mode is not None:
            os.fchmod(target.fileno(), mode)
        target.write(data)
