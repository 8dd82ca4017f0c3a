"""What `hello` tells of a kernel."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from pathlib import Path

from polykernel_runner import __version__
from polykernel_runner.errors import LaunchError
from polykernel_runner.foreground import Foreground
from polykernel_runner.language import Argv, EvaluationServer, JupyterKernel, Language
from polykernel_runner.process import Program
from polykernel_runner.protocol import PROTOCOL_VERSION, Hello, Limits, StreamName
from polykernel_runner.runtime import Runtime

log = logging.getLogger(__name__)

VERSION_TIME = 20.0  # seconds
_CONTAINER_LIMITS = {
    "memory": ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    "processes": ("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"),
}
_NO_LIMIT = 2**60  # cgroup v1 says so with a number near 2**63


def features(language: Language) -> tuple[str, ...]:
    """Return the modes that a language has, and what every kernel can."""
    modes = ["batch"] if language.projects else []
    if language.query is not None:
        modes.append("query")
    match language.query:
        case JupyterKernel():
            modes += ["state", "completion"]
        case EvaluationServer(keeps_state=keeps_state, assists=assists):
            modes += ["state"] if keeps_state else []
            modes += ["completion"] if "complete" in assists else []
    everywhere = ("input", "interrupt", "cancel", "reset", "limits", "run-id")
    return (*modes, *everywhere, "services", "terminal")


def container_limits() -> dict[str, int]:
    """Return the container's own limits, bytes and processes, where it has any."""
    limits: dict[str, int] = {}
    for name, paths in _CONTAINER_LIMITS.items():
        for path in paths:
            try:
                value = Path(path).read_text().strip()
            except OSError:
                continue
            if value.isdecimal() and int(value) < _NO_LIMIT:
                limits[name] = int(value)
            break
    return limits


class About:
    """Tells of one kernel, and asks its toolchain no more than once."""

    def __init__(self, runtime: Runtime, foreground: Foreground) -> None:
        self._runtime = runtime
        self._foreground = foreground
        self._version: asyncio.Task[str | None] | None = None

    async def hello(self, busy: bool) -> Hello:
        """Return what to answer; `busy` is whether a run has its turn."""
        runtime = self._runtime
        if self._version is None:
            manifest = runtime.config.language_file.with_name("language.toml")
            self._version = asyncio.create_task(self._ask(manifest))
        try:
            version = await asyncio.shield(self._version)
        except LaunchError as error:
            log.error("%s", error)
            version = None
        return Hello(
            protocol=PROTOCOL_VERSION,
            runner=__version__,
            language=runtime.language.name,
            language_version=version,
            features=features(runtime.language),
            limits=container_limits(),
            busy=busy,
        )

    async def _ask(self, manifest: Path) -> str | None:
        with self._foreground.beside():
            return await language_version(self._runtime, manifest)


async def language_version(runtime: Runtime, manifest: Path) -> str | None:
    """Ask the toolchain for its version, as the manifest says; None where it does not tell."""
    if sys.version_info >= (3, 11):  # what the images have
        import tomllib
    else:
        import tomli as tomllib

    try:
        version = tomllib.loads(manifest.read_text(encoding="utf-8"))["version"]
        argv: Argv = tuple(version["command"])
        pattern = re.compile(version["pattern"])
    except (OSError, ValueError, KeyError, TypeError, re.error):
        return None
    collected = _Collected()
    await Program(runtime.command(argv, limits=Limits(wall_time=VERSION_TIME)), collected).run()
    found = pattern.search(collected.text.decode("utf-8", "replace"))
    return found and (found[1] if pattern.groups else found[0])


class _Collected:
    def __init__(self) -> None:
        self.text = b""

    async def output(self, stream: StreamName, data: bytes) -> None:  # noqa: ARG002
        self.text += data

    async def waiting(self, is_password: bool = False) -> None:
        pass
