"""What comes before a kernel's first run: its complaints, the user's dotfiles and bootstrap.sh."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace
from typing import Any

from polykernel_runner import dotfiles
from polykernel_runner.errors import JobRefused, LaunchError
from polykernel_runner.identity import acting_as
from polykernel_runner.launch import Command
from polykernel_runner.process import Program
from polykernel_runner.protocol import Limits, StreamName
from polykernel_runner.runtime import Runtime

log = logging.getLogger(__name__)

NAME = "bootstrap.sh"
# What of its output is logged, lines and bytes of one; more would crowd out the replies.
MOST_LINES = 1000
LONGEST_LINE = 2000


class Bootstrap:
    """Sets `done` when the first run may begin. `serve` is its one task."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.done = asyncio.Event()

    async def serve(self) -> None:
        """Do it all; what bootstrap.sh leaves in the background lives until this is cancelled."""
        try:
            config = self._runtime.config
            for complaint in config.complaints:
                log.warning("%s", complaint)
            dotfiles.write(config.dotfiles, config.work, config.user)
            command = self._command()
            if command is not None:
                await self._run(command)
        except (LaunchError, JobRefused) as error:
            log.warning("%s could not be run: %s", NAME, error)
        except Exception:
            log.exception("%s could not be run", NAME)
        finally:
            self.done.set()

    def _command(self) -> Command | None:
        runtime = self._runtime
        path = str(runtime.config.work / NAME)
        with acting_as(runtime.workspace.user):
            if not os.path.isfile(path):
                return None
            argv = (path,) if _is_program(path) else ("/bin/sh", path)
        limits = Limits(wall_time=runtime.config.bootstrap_time)
        return replace(runtime.command(argv, limits=limits), keep_leftovers=True)

    async def _run(self, command: Command) -> None:
        lines = _Lines()
        program = Program(command, lines)
        running = asyncio.create_task(program.run())
        try:
            either: list[asyncio.Future[Any]] = [running, program.exit]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if program.exit.done():
                await program.caught_up()
                lines.flush()
                self._tell(program, program.exit.result().status)
            self.done.set()
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            lines.flush()

    def _tell(self, program: Program, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        if program.stopped_by == "wall-time":
            limit = self._runtime.config.bootstrap_time
            log.warning("%s was killed: it had not ended after %g s", NAME, limit)
        elif code > 0:
            log.warning("%s failed with exit code %d", NAME, code)
        elif code < 0:
            log.warning("%s was ended by signal %d", NAME, -code)


def _is_program(path: str) -> bool:
    """Return whether a file says itself what runs it, and may be run."""
    try:
        with open(path, "rb") as file:
            says = file.read(2) == b"#!"
    except OSError:
        return False  # let the shell say why
    return says and os.access(path, os.X_OK, effective_ids=True)


class _Lines:
    """A sink that logs."""

    def __init__(self) -> None:
        self._begun: dict[StreamName, bytes] = {"stdout": b"", "stderr": b""}
        self._left = MOST_LINES

    async def output(self, stream: StreamName, data: bytes) -> None:
        *whole, begun = (self._begun[stream] + data).split(b"\n")
        for line in whole:
            self._log(line)
        self._begun[stream] = begun[:LONGEST_LINE]

    async def waiting(self, is_password: bool = False) -> None:
        """Its standard input is empty."""

    def flush(self) -> None:
        """Log what has not been ended by a newline."""
        for stream, line in self._begun.items():
            if line:
                self._log(line)
            self._begun[stream] = b""

    def _log(self, line: bytes) -> None:
        self._left -= 1
        if self._left > 0:
            text = line[:LONGEST_LINE].decode("utf-8", "replace").rstrip("\r")
            log.info("%s: %s", NAME, text)
        elif self._left == 0:
            log.warning("%s prints on; no more of it is logged", NAME)
