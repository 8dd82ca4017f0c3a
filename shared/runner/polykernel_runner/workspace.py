"""The directories that user code has: the work directory and private ones. All as its user."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from polykernel_runner.errors import JobRefused
from polykernel_runner.identity import Identity, acting_as


class Workspace:
    """Files of the user's."""

    def __init__(self, work: Path, user: Identity | None) -> None:
        self.work = work
        self.user = user
        self._private: str | None = None
        self._written: set[str] = set()

    @property
    def private_root(self) -> str | None:
        """Where the private directories are, once there is one."""
        return self._private

    def private(self, name: str) -> str:
        """Return a directory of that name outside the work directory, made if need be."""
        if self._private is not None:
            path = os.path.join(self._private, name)
            if os.path.isdir(path):
                return path  # without acting as the user, which takes longer than all else here
        with acting_as(self.user):
            if self._private is None:
                self._private = _make_temporary()
            path = os.path.join(self._private, name)
            os.makedirs(path, mode=0o755, exist_ok=True)
        return path

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

    def remove_private(self) -> None:
        """Remove the private directories."""
        if self._private is not None:
            from shutil import rmtree  # as the runner: the user may not read Python's own files

            with acting_as(self.user):
                rmtree(self._private, ignore_errors=True)
            self._private = None

    def _write(self, name: str, data: bytes) -> None:
        path = self.work / name
        try:
            if not self._is_inside(path.parent):
                raise JobRefused(f"file name {name!r} leads out of the work directory by a link")
            path.parent.mkdir(parents=True, exist_ok=True)
            put(path, data)
        except (OSError, ValueError) as error:
            raise JobRefused(f"file {name!r} cannot be written: {error}") from error

    def _is_inside(self, path: Path) -> bool:
        work = os.path.realpath(self.work)
        return os.path.commonpath((work, os.path.realpath(path))) == work

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            path = self.work / name
            if not self._is_inside(path.parent):
                continue
            try:
                path.unlink()
            except OSError:
                continue  # the program removed it itself
            for parent in PurePosixPath(name).parents[:-1]:
                try:
                    (self.work / parent).rmdir()
                except OSError:
                    break


def _make_temporary() -> str:
    """Make a directory in which the runner, too, may look whether another is there.

    (tempfile takes longer to load than a run of `true`, and 0.7 MB.)
    """
    places = [os.environ.get("TMPDIR"), "/tmp", "/var/tmp"]  # noqa: S108 - a name nobody can guess
    name = f"polykernel-{os.urandom(8).hex()}"
    for place in filter(None, places):
        path = os.path.join(place, name)
        with contextlib.suppress(OSError):
            os.mkdir(path, 0o711)
            return path
    raise JobRefused("no directory for temporary files can be written; mount a tmpfs at /tmp")


def put(path: str | Path, data: bytes, mode: int | None = None) -> None:
    """Write a file, not into what user code may have put in its place: a link, or a pipe which
    nobody reads. With a mode it never has another, whatever the umask."""
    with contextlib.suppress(OSError):
        os.unlink(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
    first = 0o666 if mode is None else mode & 0o600
    with open(path, "wb", opener=lambda name, _: os.open(name, flags, first)) as target:
        if mode is not None:
            os.fchmod(target.fileno(), mode)
        target.write(data)
