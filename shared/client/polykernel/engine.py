"""The Docker engine: where it is, what it knows, and its errors as ours.

The Docker SDK is imported when an engine is first asked for: `import polykernel` is quick.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from polykernel.errors import EngineError, EngineNotFoundError, ImageNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from docker import APIClient

DEFAULT_SOCKET = Path("/var/run/docker.sock")
LANGUAGE_LABEL = "ai.polykernel.language"
VERSION_LABEL = "ai.polykernel.toolchain-version"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class KernelImage:
    """A local image that is a kernel; `size` is in bytes."""

    name: str
    language: str
    version: str
    size: int


@dataclass(frozen=True, slots=True)
class _Told:
    """What an engine told of itself, and when; asking takes longer than creating a container."""

    version: str
    info: Mapping[str, Any]
    at: float


# An engine of another configuration may be there some time later.
BELIEVED = 60.0
_told: dict[str, _Told] = {}


class Engine:
    """A connection to the engine, for one thread at a time."""

    def __init__(self) -> None:
        from docker import DockerClient

        self.host = engine_host()
        told = _told_lately(self.host)
        version = None if told is None else told.version
        with docker_errors():
            _knock(self.host)
            if self.host == os.environ.get("DOCKER_HOST"):
                self._client = DockerClient.from_env(version=version)
            else:
                self._client = DockerClient(base_url=self.host, version=version)

    def close(self) -> None:
        """Leave the engine."""
        self._client.close()

    @property
    def api(self) -> APIClient:
        """The engine's API, a method for each call; use it inside `docker_errors()`."""
        return self._client.api

    def info(self) -> Mapping[str, Any]:
        """Return what the engine tells of itself, or told within the last minute."""
        if told := _told_lately(self.host):
            return told.info
        with docker_errors():
            info: dict[str, Any] = self.api.info()
        _told[self.host] = _Told(self.api.api_version, info, time.monotonic())
        return info

    def image_labels(self, image: str, advice: str) -> Mapping[str, str]:
        """Return an image's labels.

        Raises:
            ImageNotFoundError: the engine does not have it; its text ends with `advice`.
        """
        from docker.errors import ImageNotFound

        with docker_errors():
            try:
                found: dict[str, Any] = self.api.inspect_image(image)  # type: ignore[no-untyped-call]
            except ImageNotFound:
                raise ImageNotFoundError(f"there is no image {image}: {advice}") from None
        return found["Config"]["Labels"] or {}

    def kernel_images(self) -> list[KernelImage]:
        """Return the local images that are kernels, in order."""
        with docker_errors():
            images = self.api.images(filters={"label": LANGUAGE_LABEL})
        return sorted(
            KernelImage(
                name=name,
                language=image["Labels"][LANGUAGE_LABEL],
                version=image["Labels"].get(VERSION_LABEL, ""),
                size=image["Size"],
            )
            for image in images
            for name in image["RepoTags"] or ()
            if name != "<none>:<none>"
        )

    def shares_directories(self, info: Mapping[str, Any]) -> bool:
        """Whether a directory of ours, mounted, can hold sockets and keeps its owner."""
        in_a_machine = info["OperatingSystem"] == "Docker Desktop"
        other_users = any("name=userns" in option for option in info["SecurityOptions"] or ())
        local = sys.platform == "linux" and self.host.startswith("unix:")
        return local and not in_a_machine and not other_users

    def published_at(self) -> tuple[str, str]:
        """Return the address to bind a container's ports to, and the one we reach them at."""
        host = None if self.host.startswith("unix:") else urlsplit(self.host).hostname
        if host is None or host == "localhost" or host.startswith("127."):
            return "127.0.0.1", "127.0.0.1"
        # Who may enter is settled by CURVE, and by the credentials of services.
        return "0.0.0.0", socket.gethostbyname(host)  # noqa: S104

    def published(self, container: str, ports: Iterable[int]) -> dict[int, int]:
        """Return at which port of its own the engine has published each of a container's.

        Raises:
            EngineError: it has published none, because the container has ended.
        """
        found: dict[int, int] = {}
        if not (wanted := tuple(ports)):
            return found
        with docker_errors():
            settings = self.api.inspect_container(container)["NetworkSettings"]["Ports"] or {}
        for port in wanted:
            bindings = settings.get(f"{port}/tcp")
            if not bindings:
                raise EngineError(f"the engine published no port for {port} of {container}")
            found[port] = int(bindings[0]["HostPort"])
        return found


def _told_lately(host: str) -> _Told | None:
    told = _told.get(host)
    return told if told and time.monotonic() - told.at < BELIEVED else None


def engine_host() -> str:
    """Return the engine's address: DOCKER_HOST, else that of a user's own engine, else root's."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    if not DEFAULT_SOCKET.exists():
        for path in (Path(runtime, "docker.sock"), Path.home() / ".docker/run/docker.sock"):
            if path.exists():
                return f"unix://{path}"
    return f"unix://{DEFAULT_SOCKET}"


def _knock(host: str) -> None:
    # The SDK, refused by a Unix socket, leaves its own end open.
    if host.startswith("unix:"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(urlsplit(host).path)


@contextmanager
def docker_errors() -> Iterator[None]:
    """Raise the SDK's errors as ours."""
    import requests
    from docker.errors import APIError, DockerException

    try:
        yield
    except APIError as error:
        raise EngineError(f"the Docker engine refused: {error.explanation or error}") from error
    except (DockerException, requests.RequestException, OSError) as error:
        raise EngineNotFoundError(
            f"no Docker engine answers at {engine_host()}: {_reason(error)}"
        ) from error


def _reason(error: Exception) -> str:
    text = str(error)
    if "PermissionError" in text or "Permission denied" in text:
        return "permission denied; be a member of the group docker, or root"
    if "FileNotFoundError" in text or "No such file" in text or "refused" in text:
        return "none is running there; start one (systemctl start docker), or set DOCKER_HOST"
    return text
