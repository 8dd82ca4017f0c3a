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

    @property
    def keystrokes(self) -> str:
        """Where what is typed into the terminal goes."""
        return f"ipc://{self.directory}/term-in"

    @property
    def screen(self) -> str:
        """Where what the terminal draws comes from."""
        return f"ipc://{self.directory}/term-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveKeys:
    """What a client needs to speak CURVE, each in Z85 as `zmq.auth` writes them."""

    server_public: bytes
    public: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpEndpoint:
    """A kernel's ports. Without keys the connection is in the clear."""

    host: str
    in_port: int = 2000
    out_port: int = 2001
    term_in_port: int = 2002
    term_out_port: int = 2003
    keys: CurveKeys | None = None

    @property
    def requests(self) -> str:
        """Where requests go."""
        return f"tcp://{self.host}:{self.in_port}"

    @property
    def records(self) -> str:
        """Where records come from."""
        return f"tcp://{self.host}:{self.out_port}"

    @property
    def keystrokes(self) -> str:
        """Where what is typed into the terminal goes."""
        return f"tcp://{self.host}:{self.term_in_port}"

    @property
    def screen(self) -> str:
        """Where what the terminal draws comes from."""
        return f"tcp://{self.host}:{self.term_out_port}"


Endpoint: TypeAlias = IpcEndpoint | TcpEndpoint
