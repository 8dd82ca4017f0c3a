"""How a container of ours is reached: what it is created with, and where it then listens."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any, Protocol

import zmq

from polykernel.endpoint import CurveKeys, IpcEndpoint, TcpEndpoint
from polykernel.engine import docker_errors
from polykernel.private import PrivateDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel.endpoint import Endpoint
    from polykernel.engine import Engine

MOUNT = "/run/polykernel"
KEYS = f"{MOUNT}/curve"
IN_PORT, OUT_PORT, TERM_IN_PORT, TERM_OUT_PORT = PORTS = 2000, 2001, 2002, 2003


class ContainerTransport(Protocol):
    """One way to reach a container. All but `close` is called in this order."""

    def ports(self) -> tuple[int, ...]:
        """Return the container's ports that it needs published."""

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

    def __init__(self) -> None:
        self._directory = PrivateDirectory()

    @property
    def directory(self) -> Path:
        """Where the sockets will be."""
        return self._directory.path

    def ports(self) -> tuple[int, ...]:
        """None."""
        return ()

    def container(self) -> dict[str, Any]:
        """Nothing of its own."""
        return {}

    def host_config(self) -> dict[str, Any]:
        """Mount the directory."""
        # Z: where SELinux guards it, it is for this container.
        return {"binds": [f"{self.directory}:{MOUNT}:rw,Z"]}

    def fill(self, container: str) -> None:
        """Nothing: the container makes the sockets."""

    def endpoint(self, container: str) -> Endpoint:  # noqa: ARG002  the same for all
        """Return the directory."""
        return IpcEndpoint(directory=self.directory)

    def close(self) -> None:
        """Remove the directory."""
        self._directory.close()


class TcpTransport:
    """Published ports that only holders of keys made here can speak to."""

    def __init__(self, engine: Engine, *, user: tuple[int, int] | None) -> None:
        self._engine = engine
        self._owner = user or (0, 0)
        self._server = zmq.curve_keypair()
        self._client = zmq.curve_keypair()

    def ports(self) -> tuple[int, ...]:
        """Return those of all four sockets."""
        return PORTS

    def container(self) -> dict[str, Any]:
        """A volume, removed with the container, will hold the keys."""
        return {"volumes": [KEYS]}

    def host_config(self) -> dict[str, Any]:
        """Nothing of its own."""
        return {}

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
        host = self._engine.published_at()[1]
        ports = self._engine.published(container, PORTS)
        return TcpEndpoint(
            host=host,
            in_port=ports[IN_PORT],
            out_port=ports[OUT_PORT],
            term_in_port=ports[TERM_IN_PORT],
            term_out_port=ports[TERM_OUT_PORT],
            keys=CurveKeys(server_public=server_public, public=public, secret=secret),
        )

    def close(self) -> None:
        """Nothing was made here."""


def _certificate(public: bytes, secret: bytes | None = None) -> bytes:
    """Return a key, or a pair of keys, as `zmq.auth.load_certificate` reads it."""
    lines = ["metadata", "curve", f'    public-key = "{public.decode()}"']
    if secret is not None:
        lines.append(f'    secret-key = "{secret.decode()}"')
    return "\n".join([*lines, ""]).encode()
