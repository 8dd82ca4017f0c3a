"""A real registry, in a container of images/registry."""

from __future__ import annotations

import base64
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests

from driving.containers import LABELS, docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient
    from docker.models.containers import Container

IMAGE = "polykernel/registry:latest"
PORT = "5000/tcp"
STORAGE = "/var/lib/docker-registry"
USER, PASSWORD = "ada", "lovelace"
READY = 60.0
WITH_LOGIN = (
    "sh",
    "-c",
    (
        'printf "%s\\n" "$HTPASSWD" >/tmp/htpasswd'
        " && exec docker-registry serve /etc/docker/registry/config.yml"
    ),
)


@dataclass(frozen=True)
class Registry:
    """Where it is reached from this machine, and from `outside` if it was given an address."""

    container: Container
    host: str
    outside: str

    def uploads(self) -> int:
        """How many blobs anybody has begun to upload so far."""
        return self.container.logs().decode().count("/blobs/uploads/ HTTP")

    def get(self, path: str, accept: str = "*/*") -> Any:  # noqa: ANN401
        answer = requests.get(
            f"http://{self.host}/v2/{path}", headers={"Accept": accept}, timeout=10
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def registry(
    *, login: bool = False, room: str | None = None, address: str | None = None
) -> Iterator[Registry]:
    """Start one, with a login if asked, and storage of the size `room` in memory."""
    bindings = [("127.0.0.1", None), *([(address, None)] if address else [])]
    with docker() as client:
        environment, command = (_login(client), WITH_LOGIN) if login else ({}, ())
        container = client.containers.create(
            IMAGE,
            entrypoint=list(command) or None,
            environment=environment,
            labels=LABELS,
            # The SDK knows of several addresses, its types do not.
            ports={PORT: bindings},  # type: ignore[dict-item]
            tmpfs={STORAGE: f"size={room},uid=100,mode=755"} if room else {},
        )
        try:
            container.start()
            container.reload()
            found = {each["HostIp"]: each["HostPort"] for each in container.ports[PORT] or ()}
            outside = f"{address}:{found[address]}" if address else ""
            started = Registry(container, f"localhost:{found['127.0.0.1']}", outside)
            _await(started)
            yield started
        finally:
            container.remove(force=True, v=True)


def _login(client: DockerClient) -> dict[str, str]:
    words = client.containers.run(
        IMAGE, ["-Bbn", USER, PASSWORD], entrypoint="htpasswd", remove=True
    )
    return {
        "REGISTRY_AUTH_HTPASSWD_REALM": "tests",
        "REGISTRY_AUTH_HTPASSWD_PATH": "/tmp/htpasswd",
        "HTPASSWD": words.decode().strip(),
    }


def _await(started: Registry) -> None:
    deadline = time.monotonic() + READY
    while True:
        try:
            status = requests.get(f"http://{started.host}/v2/", timeout=5).status_code
        except (requests.ConnectionError, requests.Timeout):
            status = 0
        if status in {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED}:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"no registry: {started.container.logs().decode()}")
        time.sleep(0.05)


def write_login(directory: Path, host: str, password: str = PASSWORD) -> None:
    """What `docker login` leaves behind in a configuration directory."""
    secret = base64.b64encode(f"{USER}:{password}".encode()).decode()
    config = {"auths": {host: {"auth": secret}}}
    directory.mkdir(exist_ok=True)
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
