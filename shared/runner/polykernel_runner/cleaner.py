"""Looks at files of programs and takes them away, by a process of its own: launcher/clean.c.

Nothing of that is done in the runner's loop: how many files there are, how deep they lie and what
they are called is the programs' choice.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from polykernel_runner.errors import CleaningError, LaunchError
from polykernel_runner.identity import Identity
from polykernel_runner.tasks import Readiness

TOO_MUCH = 4  # the exit code of a snapshot that would be too large
_LONGEST_WORD = 4096  # bytes


class Snapshot:
    """What there was in some places, as a file that is in memory only; `close` forgets it."""

    def __init__(self) -> None:
        self.fd = os.memfd_create("polykernel-snapshot", os.MFD_CLOEXEC)

    def close(self) -> None:
        """Forget it."""
        os.close(self.fd)


class Cleaner:
    """Acts for one user, in places that no host has mounted."""

    def __init__(self, launcher: str, user: Identity | None, places: Sequence[str]) -> None:
        self._launcher = launcher
        self._who = () if user is None else ("-u", str(user.uid), "-g", str(user.gid))
        self._places = tuple(places)

    async def snapshot(
        self,
        left_alone: Iterable[str],
        *,
        but: tuple[Snapshot, Snapshot] | None = None,
        sealed: str | None = None,
    ) -> Snapshot | None:
        """Return what there is, or None where that is more than can be remembered.

        `left_alone` are paths that are left out. `but` are two snapshots: what is in the second is
        left out too, unless it is in the first. `sealed` is a directory that is made one which
        programs can only read, first.

        Raises:
            CleaningError: it cannot be told, or the directory cannot be made so.
            LaunchError: the launcher cannot be started.
        """
        argv = _each("-l", left_alone)
        fds = () if but is None else (but[0].fd, but[1].fd)
        for flag, fd in zip(("-k", "-o"), fds, strict=False):
            argv += [flag, str(fd)]
        if sealed is not None:
            argv += ["-s", sealed]
        with ExitStack() as stack:
            found = Snapshot()
            stack.callback(found.close)
            code, word = await self._run(
                "snapshot", [*argv, *self._places], stdout=found.fd, pass_fds=fds
            )
            if code == TOO_MUCH:
                return None
            _check(code, word)
            stack.pop_all()
        return found

    async def clean(
        self, kept: Snapshot | None, left_alone: Iterable[str], emptied: Iterable[str]
    ) -> None:
        """Empty some directories, and remove what is in the places but not in `kept`, if any.

        Raises:
            CleaningError: something cannot be removed.
            LaunchError: the launcher cannot be started.
        """
        argv = [*_each("-l", left_alone), *_each("-x", emptied)]
        if kept is None:
            _check(*await self._run("clean", argv))
        else:
            argv += ["-k", str(kept.fd), *self._places]
            _check(*await self._run("clean", argv, pass_fds=(kept.fd,)))

    async def _run(
        self,
        command: str,
        argv: Sequence[str],
        *,
        stdout: int | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> tuple[int, str]:
        """Return a command's exit code and last words."""
        words, stderr = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        with ExitStack() as stack:
            stack.callback(os.close, words)
            try:
                process = self._start([command, *self._who, *argv], stdout, stderr, pass_fds)
            finally:
                os.close(stderr)
            stack.callback(_end, process)
            said = await _read(words)
            code = process.wait()
        return code, said

    def _start(
        self, argv: Sequence[str], stdout: int | None, stderr: int, pass_fds: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [self._launcher, *argv],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                pass_fds=pass_fds,
                env={},
            )
        except OSError as error:
            raise LaunchError(f"cannot start {self._launcher}: {error}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


async def _read(fd: int) -> str:
    """Return what comes until the other end is closed, which is when its process ends."""
    ready, said = Readiness(fd), b""
    while True:
        try:
            more = os.read(fd, _LONGEST_WORD)
        except BlockingIOError:
            await ready.readable()
            continue
        if not more:
            return said.decode("utf-8", "replace").strip()
        said = (said + more)[:_LONGEST_WORD]


def _each(flag: str, paths: Iterable[str]) -> list[str]:
    return [word for path in paths for word in (flag, path)]


def _check(code: int, word: str) -> None:
    if code:
        raise CleaningError(word or f"the launcher ended with exit code {code}")
