"""How a container of ours is reached: what it is created with, and where it then listens."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any, Protocol

import zmq

from polykernel.endpoint import CurveKeys, IpcEndpoint, TcpEndpoint
from polykernel.engine import docker_errors
from polykernel.errors import EngineError
from polykernel.network import closed_network
from polykernel.private import PrivateDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel.endpoint import Endpoint
    from polykernel.engine import Engine

MOUNT = "/run/polykernel"
KEYS = f"{MOUNT}/curve"
IN_PORT, OUT_PORT = 2000, 2001


class ContainerTransport(Protocol):
    """One way to reach a container. All but `close` is called in this order."""

    def container(self) -> dict[str, Any]:
        """Return what creating the container takes."""

    def host_config(self) -> dict[str, Any]:
        """Return what its host configuration takes."""

    def fill(self, container: str) -> None:
        """Put into the created container what it must find at its start."""

    def endpoint(self, container: str) -> Endpoint:
        """Return where the started container listens."""

    def close(self) -> None:
        """Remove what was made on this machine."""


class IpcTransport:
    """Sockets in a private directory of this machine; the container needs no network."""

    def __init__(self, *, network: bool) -> None:
        self._network = network
        self._directory = PrivateDirectory()

    @property
    def directory(self) -> Path:
        """Where the sockets will be."""
        return self._directory.path

    def container(self) -> dict[str, Any]:
        """Nothing of its own."""
        return {}

    def host_config(self) -> dict[str, Any]:
        """Mount the directory."""
        # Z: where SELinux guards it, it is for this container.
        return {
            "binds": [f"{self.directory}:{MOUNT}:rw,Z"],
            "network_mode": "bridge" if self._network else "none",
        }

    def fill(self, container: str) -> None:
        """Nothing: the container makes the sockets."""

    def endpoint(self, container: str) -> Endpoint:  # noqa: ARG002  the same for all
        """Return the directory."""
        return IpcEndpoint(directory=self.directory)

    def close(self) -> None:
        """Remove the directory."""
        self._directory.close()


class TcpTransport:
    """Two published ports that only holders of keys made here can speak to."""

    def __init__(self, engine: Engine, *, network: bool, user: tuple[int, int] | None) -> None:
        self._engine = engine
        self._network = network
        self._owner = user or (0, 0)
        self._server = zmq.curve_keypair()
        self._client = zmq.curve_keypair()
        self._bind, self._host = engine.published_at()

    def container(self) -> dict[str, Any]:
        """Expose the ports; a volume, removed with the container, will hold the keys."""
        return {"ports": [IN_PORT, OUT_PORT], "volumes": [KEYS]}

    def host_config(self) -> dict[str, Any]:
        """Publish the ports, each wherever one is free."""
        return {
            "port_bindings": {IN_PORT: (self._bind, None), OUT_PORT: (self._bind, None)},
            "network_mode": "bridge" if self._network else closed_network(self._engine),
        }

    def fill(self, container: str) -> None:
        """Put the keys in; they are in no variable, label or file of this machine."""
        public, secret = self._server
        files = {
            "server.key_secret": _certificate(public, secret),
            "clients/owner.key": _certificate(self._client[0]),
        }
        with docker_errors():
            self._engine.api.put_archive(container, KEYS, self._archive(files))

    def _archive(self, files: dict[str, bytes]) -> bytes:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                entry.mode = 0o600
                entry.uid, entry.gid = self._owner
                archive.addfile(entry, io.BytesIO(content))
        return stream.getvalue()

    def endpoint(self, container: str) -> Endpoint:
        """Ask the engine which ports it chose."""
        server_public, _ = self._server
        public, secret = self._client
        return TcpEndpoint(
            host=self._host,
            in_port=self._published(container, IN_PORT),
            out_port=self._published(container, OUT_PORT),
            keys=CurveKeys(server_public=server_public, public=public, secret=secret),
        )

    def _published(self, container: str, port: int) -> int:
        with docker_errors():
            bindings = self._engine.api.port(container, port)
        if not bindings:
            raise EngineError(f"the engine published no port for {port} of {container}")
        return int(bindings[0]["HostPort"])

    def close(self) -> None:
        """Nothing was made here."""


def _certificate(public: bytes, secret: bytes | None = None) -> bytes:
    """Return a key, or a pair of keys, as `zmq.auth.load_certificate` reads it."""
    lines = ["metadata", "curve", f'    public-key = "{public.decode()}"']
    if secret is not None:
        lines.append(f'    secret-key = "{secret.decode()}"')
    return "\n".join([*lines, ""]).encode()
