"""What batch steps print, once more in a file: where Backend.AI's users look for it afterwards."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from polykernel_runner.identity import acting_as
from polykernel_runner.process import Sink
from polykernel_runner.protocol import StreamName
from polykernel_runner.runtime import Runtime

log = logging.getLogger(__name__)

DIRECTORY = ".logs"


class TaskLog:
    """Appends to `.logs/task/12/34/5678....log` of the work directory; the name is the kernel's.

    Only where somebody made or mounted `.logs` and the kernel has a name. That it cannot be
    written is logged once, and is no matter to the run.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._complained = False

    @contextmanager
    def beside(self, sink: Sink) -> Iterator[Sink]:
        """Give a sink that also writes the file, while the block lasts."""
        try:
            fd = self._open()
        except OSError as error:
            self._complain(error)
            fd = None
        if fd is None:
            yield sink
            return
        try:
            yield _Tee(sink, fd, self._complain)
        finally:
            os.close(fd)

    def _open(self) -> int | None:
        name = self._runtime.config.kernel_id
        if name is None:
            return None
        top = self._runtime.config.work / DIRECTORY
        with acting_as(self._runtime.workspace.user):
            if not top.is_dir():
                return None
            path = top / "task" / name[:2] / name[2:4] / f"{name[4:]}.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            # Not for good where it is a pipe that nobody reads.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
            fd = os.open(path, flags, 0o666)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(f"{path} is not a file")
        return fd

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            log.warning("the log of batch steps cannot be written: %s", error)


class _Tee:
    def __init__(self, sink: Sink, fd: int, complain: Callable[[OSError], None]) -> None:
        self._sink = sink
        self._fd: int | None = fd
        self._complain = complain

    async def output(self, stream: StreamName, data: bytes) -> None:
        if self._fd is not None:
            try:
                _write(self._fd, data)
            except OSError as error:
                self._fd = None
                self._complain(error)
        await self._sink.output(stream, data)

    async def waiting(self, is_password: bool = False) -> None:
        await self._sink.waiting(is_password)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
