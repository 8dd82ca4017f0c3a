"""Services in the test's own process, and what they serve."""

from __future__ import annotations

import json
import os
import stat
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_runner.config import Access, Config
from polykernel_runner.language import Language
from polykernel_runner.protocol import StartService
from polykernel_runner.runtime import Runtime
from polykernel_runner.services.supervisor import Services
from polykernel_runner.workspace import Workspace
from support.kernels import free_ports
from support.programs import MARK

if TYPE_CHECKING:
    from polykernel_runner.protocol import ModelServiceStatus, ServiceResult

SECONDS = 10


def for_all() -> str:
    """A Python that every user of this machine may run."""
    python = Path(sys.executable).resolve()
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in python.parents):
        return str(python)
    return "/usr/bin/python3"


PYTHON = for_all()
SERVE = [PYTHON, "-m", "http.server", "{ports[0]}", "--bind", "127.0.0.1"]


def fetch(port: int, path: str = "/") -> str:
    """What a service answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=SECONDS) as answer:
        return str(answer.read().decode())


def answers(port: int) -> bool:
    """Whether a service does."""
    try:
        fetch(port)
    except OSError:
        return False
    return True


@dataclass(slots=True)
class Bench:
    """Services of a kernel whose user code has the test's own uid."""

    home: Path
    launcher: Path
    env: dict[str, str] = field(default_factory=dict)
    _runtime: Runtime | None = None
    _services: Services | None = None
    told: list[ModelServiceStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("work", "defs"):
            (self.home / name).mkdir()

    @property
    def work(self) -> Path:
        return self.home / "work"

    @property
    def runtime(self) -> Runtime:
        if self._runtime is None:
            own = {"PATH": os.environ["PATH"], "HOME": str(self.work)}
            config = Config(
                access=Access(),
                language_file=self.home / "language.py",
                launcher=self.launcher,
                work=self.work,
                user_env={**own, **MARK, **self.env},
                service_defs=(self.home / "defs",),
            )
            workspace = Workspace(self.work, None, str(self.launcher))
            self._runtime = Runtime(config, Language(name="toy"), workspace)
        return self._runtime

    def _take(self, status: ModelServiceStatus, _: bytes | None) -> None:
        self.told.append(status)

    @property
    def services(self) -> Services:
        if self._services is None:
            self._services = Services(self.runtime, self._take)
        return self._services

    async def close(self) -> None:
        await self.services.close()
        await self.runtime.workspace.remove_private()

    def define(self, name: str, **body: object) -> None:
        (self.home / "defs" / f"{name}.json").write_text(json.dumps(body))

    def manifest(self, text: str) -> None:
        (self.home / "language.toml").write_text(text)

    async def start(self, name: str, *, patience: float | None = None) -> tuple[int, ServiceResult]:
        """Start a service on a free port; return the port, and the answer."""
        (port,) = free_ports(1)
        return port, await self.services.start(StartService(name=name, ports=(port,)), patience)
