"""Who the runner is, and who user code is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Identity:
    """A user and group id."""

    uid: int
    gid: int


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[None]:
    """Touch files with the rights of identity; None changes nothing.

    The effective ids of the whole process change, so nothing may be awaited inside; that takes
    long, because all threads are waited for (setresuid(2)). Its real and saved ids stay, so the
    other uid can neither signal nor trace it meanwhile.
    """
    if identity is None:
        yield
        return
    uid, gid = os.geteuid(), os.getegid()
    if identity.gid != gid:
        os.setegid(identity.gid)
    try:
        os.seteuid(identity.uid)
        try:
            yield
        finally:
            os.seteuid(uid)
    finally:
        if identity.gid != gid:
            os.setegid(gid)


def owner_of(directory: str | os.PathLike[str]) -> Identity | None:
    """Return as whom to enter a private directory of another user; None where that is no matter.

    Root without capabilities of its own may not; with SETUID it can become its owner meanwhile.
    """
    try:
        about = os.stat(directory)
    except PermissionError:
        return owner_of(os.path.dirname(directory))
    if os.geteuid() != 0 or about.st_uid == 0:
        return None
    return Identity(about.st_uid, about.st_gid)


PR_SET_DUMPABLE = 4  # linux/prctl.h


def forbid_tracing() -> None:
    """Keep processes of the runner's own uid, user code among them, from reading its memory."""
    import ctypes  # only where user code has that uid

    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


# linux/capability.h
_NEEDED_CAPABILITIES = sum(1 << number for number in (5, 6, 7))  # KILL, SETGID, SETUID


def separate_user(environ: Mapping[str, str]) -> Identity | None:
    """Return whom user code runs as, or None where the runner cannot give it another uid."""
    if os.getuid() != 0 or _capabilities() & _NEEDED_CAPABILITIES != _NEEDED_CAPABILITIES:
        return None
    uid = _id(environ, "LOCAL_USER_ID")
    return Identity(uid, _id(environ, "LOCAL_GROUP_ID"))


def _id(environ: Mapping[str, str], name: str) -> int:
    value = environ.get(name, "") or "1000"
    if not value.isdecimal() or not 0 < int(value) < 2**32 - 1:
        raise ConfigError(f"{name}={value} is not the number of an ordinary user or group")
    return int(value)


def _capabilities() -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("CapEff:"):
                return int(line.split()[1], 16)
    return 0
