"""Does what a definition has done before its service starts; with the user's rights, all of it."""

from __future__ import annotations

import hashlib
import logging
import os
import shlex
import stat
from collections.abc import Mapping
from urllib.parse import quote

from polykernel_runner.errors import JobRefused, LaunchError, ServiceError
from polykernel_runner.identity import acting_as
from polykernel_runner.process import Program
from polykernel_runner.protocol import Limits, StreamName
from polykernel_runner.protocol.verdict import finished
from polykernel_runner.runtime import Runtime
from polykernel_runner.services.prestart import (
    DEFAULT_MODE,
    Action,
    MakeDirectory,
    RunCommand,
    Step,
    WriteFile,
    WriteLog,
    WriteTempfile,
)
from polykernel_runner.services.tail import last_lines
from polykernel_runner.services.template import Value, fill
from polykernel_runner.workspace import put

log = logging.getLogger(__name__)

# Characters; a directory's name has 255 at most.
LONGEST_NAME = 200
# Bytes that a command may print.
MOST_OUTPUT = 1024 * 1024
_COMMAND_LIMITS = Limits(output=MOST_OUTPUT, output_action="kill")


class Actions:
    """Does the actions of one service, one after the other; `key` is what they stand under."""

    def __init__(self, runtime: Runtime, service: str, key: str = "prestart") -> None:
        self._runtime = runtime
        self._user = runtime.workspace.user
        self._service = service
        self._key = key

    async def perform(self, step: Step, number: int, values: Mapping[str, Value]) -> Value:
        """Do an action; return what its `ref` stands for. `number` tells it from the others.

        Raises:
            ServiceError: it failed.
        """
        try:
            return await self._do(step.action, number, values)
        except (OSError, ValueError, ServiceError) as error:
            raise ServiceError(f"action {number} of {self._key!r} failed: {error}") from error

    async def _do(self, action: Action, number: int, values: Mapping[str, Value]) -> Value:
        match action:
            case WriteFile():
                return self._write_file(action, values)
            case WriteTempfile():
                return self._write_tempfile(action, number, values)
            case RunCommand():
                return await self._run(action, values)
            case MakeDirectory():
                path = self._path(action.path, values)
                with acting_as(self._user):
                    os.makedirs(path, exist_ok=True)
                return path
            case WriteLog():
                message = fill(action.message, values)
                level = logging.DEBUG if action.debug else logging.INFO
                log.log(level, "%s: %s", self._service, message)
                return message

    def _path(self, template: str, values: Mapping[str, Value]) -> str:
        return os.path.join(str(self._runtime.config.work), fill(template, values))

    def _write_file(self, action: WriteFile, values: Mapping[str, Value]) -> str:
        path = self._path(action.filename, values)
        data = "".join(f"{fill(line, values)}\n" for line in action.lines).encode()
        with acting_as(self._user):
            if action.append:
                _append(path, data, action.mode)
            else:
                put(path, data, DEFAULT_MODE if action.mode is None else action.mode)
        return path

    def _write_tempfile(
        self, action: WriteTempfile, number: int, values: Mapping[str, Value]
    ) -> str:
        data = "".join(fill(line, values) for line in action.lines).encode()
        directory = self._runtime.workspace.private(_directory(self._service))
        # The ending is the original's: some programs go by it.
        path = os.path.join(directory, f"{number}.py")
        with acting_as(self._user):
            put(path, data, action.mode)
        return path

    async def _run(self, action: RunCommand, values: Mapping[str, Value]) -> Mapping[str, str]:
        argv = tuple(fill(word, values) for word in action.command)
        printed = _Printed()
        program = Program(self._runtime.command(argv, limits=_COMMAND_LIMITS), printed)
        try:
            ending = await program.run()
        except (LaunchError, JobRefused) as error:
            raise ServiceError(str(error)) from error
        out, err = (bytes(data).decode("utf-8", "replace") for data in printed.data.values())
        if action.echo:
            for line in (out + err).splitlines():
                log.info("%s: %s", self._service, line)
        done = finished("exec", ending, _COMMAND_LIMITS)
        if done.verdict == "output-limit":
            raise ServiceError(f"{_shown(action)} printed more than {MOST_OUTPUT} bytes")
        if done.exit_code:
            raise ServiceError(
                f"{_shown(action)} ended with exit code {done.exit_code}{last_lines(err, out)}"
            )
        return {"out": out, "err": err}


def _directory(service: str) -> str:
    """A name of one directory for each service, whatever its name is."""
    name = quote(service, safe="")
    if len(name) > LONGEST_NAME:
        name = hashlib.sha256(name.encode()).hexdigest()
    return f"service-{name}"


def _shown(action: RunCommand) -> str:
    """The command as the definition has it: what is filled in may be secret."""
    return f"{shlex.join(action.command):.200}"


def _append(path: str, data: bytes, mode: int | None) -> None:
    # O_NONBLOCK: user code may have put a pipe there. A link is followed, as the user would.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK
    new = not os.path.exists(path)
    first = (DEFAULT_MODE if mode is None else mode) & 0o666
    with open(path, "ab", opener=lambda name, _: os.open(name, flags, first)) as target:
        if not stat.S_ISREG(os.fstat(target.fileno()).st_mode):
            raise ServiceError(f"{path} is no file that can be appended to")
        if mode is not None or new:
            os.fchmod(target.fileno(), DEFAULT_MODE if mode is None else mode)
        target.write(data)


class _Printed:
    def __init__(self) -> None:
        self.data: Mapping[StreamName, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}

    async def output(self, stream: StreamName, data: bytes) -> None:
        self.data[stream] += data

    async def waiting(self, is_password: bool = False) -> None:
        pass
