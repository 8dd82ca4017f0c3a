"""Where a kernel listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class IpcEndpoint:
    """A kernel's sockets in a directory of this machine."""

    directory: Path

    @property
    def requests(self) -> str:
        """Where requests go."""
        return f"ipc://{self.directory}/in"

    @property
    def records(self) -> str:
        """Where records come from."""
        return f"ipc://{self.directory}/out"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveKeys:
    """What a client needs to speak CURVE, each in Z85 as `zmq.auth` writes them."""

    server_public: bytes
    public: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpEndpoint:
    """A kernel's two ports. Without keys the connection is in the clear."""

    host: str
    in_port: int = 2000
    out_port: int = 2001
    keys: CurveKeys | None = None

    @property
    def requests(self) -> str:
        """Where requests go."""
        return f"tcp://{self.host}:{self.in_port}"

    @property
    def records(self) -> str:
        """Where records come from."""
        return f"tcp://{self.host}:{self.out_port}"


Endpoint: TypeAlias = IpcEndpoint | TcpEndpoint
