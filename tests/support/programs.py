"""Programs run under the real launcher, and what is heard of them."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from polykernel_runner.launch import Command
from polykernel_runner.process import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Unpack

    from polykernel_runner.identity import Identity
    from polykernel_runner.protocol import Limits, StreamName
    from polykernel_runner.protocol.verdict import Ending

# Seconds. Only what hangs takes so long; other work may run on the machine.
PATIENCE = 30.0
GLANCE = 0.005
# In the environment of all programs of these tests, to tell them from another test run's.
MARK = {"STARTED_BY_TESTS": str(os.getpid())}


@dataclass(slots=True)
class Heard:
    """A sink that keeps all it is told, in order."""

    events: list[tuple[str, bytes]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def output(self, stream: StreamName, data: bytes) -> None:
        self.events.append((stream, data))
        self.changed.set()

    async def waiting(self, is_password: bool = False) -> None:  # noqa: FBT001, FBT002 - a Sink
        self.events.append(("waiting", b"password" if is_password else b""))
        self.changed.set()

    def said(self, stream: StreamName = "stdout") -> bytes:
        return b"".join(data for kind, data in self.events if kind == stream)

    @property
    def waits(self) -> int:
        return sum(kind == "waiting" for kind, _ in self.events)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition` holds; it is looked at whenever something was heard."""
        while not condition():
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE)

    async def until_said(self, text: bytes) -> None:
        await self.until(lambda: text in self.said())

    async def until_waits(self, times: int) -> None:
        await self.until(lambda: self.waits >= times)


class Options(TypedDict, total=False):
    """What a command may be told besides its words."""

    stdin: bytes | None
    env: Mapping[str, str]
    cwd: str
    user: Identity | None
    limits: Limits
    keep_leftovers: bool


@dataclass(frozen=True, slots=True)
class Runs:
    """Makes programs that run under the launcher, in a directory."""

    launcher: Path
    directory: Path

    def program(self, *argv: str, heard: Heard | None = None, **more: Unpack[Options]) -> Program:
        given: Options = {"stdin": b"", "env": os.environ | MARK, **more}
        given.setdefault("cwd", str(self.directory))
        command = Command(argv=argv, launcher=str(self.launcher), **given)
        return Program(command, heard or Heard())

    async def __call__(self, *argv: str, **more: Unpack[Options]) -> tuple[Ending, bytes, bytes]:
        """Run to the end; return the ending, stdout and stderr."""
        heard = Heard()
        ending = await asyncio.wait_for(self.program(*argv, heard=heard, **more).run(), PATIENCE)
        return ending, heard.said(), heard.said("stderr")

    async def sh(
        self, script: str, *args: str, **more: Unpack[Options]
    ) -> tuple[Ending, bytes, bytes]:
        return await self("/bin/sh", "-c", script, "sh", *args, **more)

    def start(
        self, *argv: str, **more: Unpack[Options]
    ) -> tuple[Program, Heard, asyncio.Task[Ending]]:
        """Start a program whose input is left open."""
        heard = Heard()
        given: Options = {"stdin": None, **more}
        program = self.program(*argv, heard=heard, **given)
        return program, heard, asyncio.create_task(program.run())

    def start_sh(
        self, script: str, **more: Unpack[Options]
    ) -> tuple[Program, Heard, asyncio.Task[Ending]]:
        return self.start("/bin/sh", "-c", script, **more)

    def start_python(
        self, script: str, **more: Unpack[Options]
    ) -> tuple[Program, Heard, asyncio.Task[Ending]]:
        return self.start(sys.executable, "-c", script, **more)


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that nobody tells of, such as a process that goes away."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        await asyncio.sleep(GLANCE)


def processes(*, marked: str) -> list[int]:
    """Programs of this test run whose command line holds a mark."""
    ours = b"=".join(word.encode() for word in next(iter(MARK.items())))
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            line, env = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if marked.encode() in line and ours in env.split(b"\0"):
            found.append(int(entry.name))
    return found


def children(pid: int | None = None) -> list[int]:
    """Children of a process, ended ones that nobody has reaped among them."""
    task = Path(f"/proc/{pid or os.getpid()}/task")
    try:
        texts = [(thread / "children").read_text() for thread in task.iterdir()]
    except OSError:
        return []
    return [int(word) for text in texts for word in text.split()]


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - one descriptor less while looking
