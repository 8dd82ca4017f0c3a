"""The connection to the Docker engine."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException

from polykernel_builder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

ADVICE = (
    "start it (as root: systemctl start docker), or install one: "
    "https://docs.docker.com/engine/install/"
)
UNIX = "unix://"
# Steps such as the installation of a toolchain may be silent for long.
READ_TIMEOUT = 1800


@dataclass(frozen=True)
class Engine:
    """An engine that answers, and the address it answers at."""

    host: str
    client: docker.DockerClient


def connect() -> Engine:
    """The engine that DOCKER_HOST names, else the first that answers where engines usually are.

    Raises EngineError, which says what was tried.
    """
    problems: list[str] = []
    for host in _hosts():
        try:
            return Engine(host, _client(host))
        except (DockerException, OSError) as error:
            problems.append(f"{host}: {_reason(error)}")
    tried = "\n".join(f"  {problem}" for problem in problems)
    raise EngineError(f"no Docker engine answers; tried\n{tried}\n{ADVICE}")


def _client(host: str) -> docker.DockerClient:
    if host.startswith(UNIX):
        # Tells what is wrong in the system's own terms, where the SDK has only a text.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(host.removeprefix(UNIX))
    if host == os.environ.get("DOCKER_HOST"):
        client = docker.DockerClient.from_env(timeout=READ_TIMEOUT)
    else:
        client = docker.DockerClient(base_url=host, timeout=READ_TIMEOUT)
    client.ping()
    return client


def _hosts() -> Iterator[str]:
    if host := os.environ.get("DOCKER_HOST"):
        yield host
        return
    yield f"{UNIX}/var/run/docker.sock"
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    for path in (Path(runtime) / "docker.sock", Path.home() / ".docker" / "run" / "docker.sock"):
        if path.exists():
            yield f"{UNIX}{path}"


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "permission denied; be a member of the group docker, or root"
    if isinstance(error, FileNotFoundError):
        return "no engine is listening there"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return str(error)
