"""What a kernel is started with, checked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, get_args

from polykernel.bounds import LARGEST_RECORD, MOST_OUTPUT, Bounds
from polykernel.errors import OptionError
from polykernel.seccomp import OURS, our_profile, read_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Transport: TypeAlias = Literal["auto", "ipc", "tcp"]

DEFAULT_MEMORY = "1g"
DEFAULT_PROCESSES = 256
DEFAULT_TMPFS = "512m"
DEFAULT_CPUS = 2.0
WORK_USER = (1000, 1000)

_SIZE = re.compile(r"(\d+)([bkmg]?)", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_LEAST_MEMORY = 6 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """See `Kernel.start`. `memory` is in bytes, `user` is `(uid, gid)`; None is the default.

    `seccomp` is the text of a profile, None for the engine's own.
    """

    language: str
    image: str | None = None
    transport: Transport = "auto"
    network: bool = False
    memory: int | None = None
    cpus: float | None = None
    processes: int | None = None
    workdir: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    services: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    seccomp: str | None = field(default_factory=our_profile)
    runtime: str | None = None
    bounds: Bounds = field(default_factory=Bounds)
    start_timeout: float = 30.0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_.-]*", self.language):
            raise OptionError(f"{self.language!r} cannot name a language; one is 'rust'")
        if self.transport not in get_args(Transport):
            known = ", ".join(get_args(Transport))
            raise OptionError(f"transport {self.transport!r} is none of {known}")
        if self.memory is not None and self.memory < _LEAST_MEMORY:
            raise OptionError(f"memory {self.memory} is too little; give bytes, or a text as '1g'")
        for name in ("cpus", "processes", "start_timeout"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise OptionError(f"{name} must be more than 0, not {value}")
        for port in self.ports:
            if not 0 < port < 1 << 16:
                raise OptionError(f"{port} is no port; they go from 1 to 65535")
        if self.workdir is not None and not self.workdir.is_dir():
            raise OptionError(f"workdir {self.workdir} is not a directory; make it first")

    @property
    def program_user(self) -> tuple[int, int]:
        """Uid and gid that programs are to have.

        The owner of a workdir, so that they can write there. Never our own uid without need: it
        owns the sockets, which programs may not open.
        """
        if self.user is not None:
            return self.user
        if self.workdir is not None and (owner := self.workdir.stat()).st_uid:
            return owner.st_uid, owner.st_gid or WORK_USER[1]
        uid, gid = WORK_USER
        return (uid + 1, gid + 1) if os.geteuid() == uid else WORK_USER

    @property
    def separated(self) -> bool:
        """Whether programs have another uid than the owner of sockets of ours."""
        return self.user is None and self.program_user[0] != os.geteuid()

    @property
    def image_name(self) -> str:
        """The image to start."""
        return self.image or f"polykernel/{self.language}:latest"


class PoolOptions(TypedDict, total=False):
    """The keywords of `Kernel.start` that the kernels of a pool can have in common."""

    image: str | None
    transport: Transport
    network: bool
    memory: int | str | None
    cpus: float | None
    processes: int | None
    env: Mapping[str, str] | None
    user: str | None
    services: Iterable[str]
    ports: Iterable[int]
    seccomp: str | os.PathLike[str]
    runtime: str | None
    largest_record: int | str
    most_output: int | str
    start_timeout: float


def make_options(
    language: str,
    *,
    image: str | None = None,
    transport: Transport = "auto",
    network: bool = False,
    memory: int | str | None = None,
    cpus: float | None = None,
    processes: int | None = None,
    workdir: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    services: Iterable[str] = (),
    ports: Iterable[int] = (),
    seccomp: str | os.PathLike[str] = OURS,
    runtime: str | None = None,
    largest_record: int | str = LARGEST_RECORD,
    most_output: int | str = MOST_OUTPUT,
    start_timeout: float = 30.0,
) -> StartOptions:
    """Return options, from what people write.

    Raises:
        OptionError: one of them cannot be used.
    """
    return StartOptions(
        language=language,
        image=image,
        transport=transport,
        network=network,
        memory=None if memory is None else parse_size(memory),
        cpus=cpus,
        processes=processes,
        workdir=None if workdir is None else Path(workdir),
        env=dict(env or {}),
        user=parse_user(user),
        services=tuple(services),
        ports=tuple(ports),
        seccomp=read_profile(seccomp),
        runtime=runtime,
        bounds=make_bounds(largest_record, most_output),
        start_timeout=start_timeout,
    )


def make_bounds(largest_record: int | str, most_output: int | str) -> Bounds:
    """Return bounds, from what people write.

    Raises:
        OptionError: one of them cannot be used.
    """
    return Bounds(largest_record=parse_size(largest_record), most_output=parse_size(most_output))


def parse_size(size: int | str) -> int:
    """Return bytes, from a number of them or from a text like `512m` (units b, k, m, g).

    Raises:
        OptionError: it is neither.
    """
    if isinstance(size, int):
        return size
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise OptionError(f"size {size!r} is not like 512m or 1g")
    return int(match[1]) * _UNITS[match[2].lower()]


def parse_user(user: str | None) -> tuple[int, int] | None:
    """Return the ids of `UID` or `UID:GID`, GID 0 by default as in `docker run`; None for root.

    Raises:
        OptionError: they are not numbers.
    """
    if user is None:
        return None
    uid, _, gid = user.partition(":")
    if not uid.isdecimal() or not (gid or "0").isdecimal():
        raise OptionError(f"user {user!r} is not like 1000 or 12345:0; give numbers")
    return (int(uid), int(gid or "0")) if int(uid) else None
