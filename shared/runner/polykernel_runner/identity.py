"""Who the runner is, and who user code is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A user and group id."""

    uid: int
    gid: int


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[None]:
    """Touch files with the rights of identity; None changes nothing.

    The effective ids of the whole process change, so nothing may be awaited inside. Its real and
    saved ids stay, so the other uid can neither signal nor trace it meanwhile.
    """
    if identity is None:
        yield
        return
    uid, gid = os.geteuid(), os.getegid()
    os.setegid(identity.gid)
    try:
        os.seteuid(identity.uid)
        try:
            yield
        finally:
            os.seteuid(uid)
    finally:
        os.setegid(gid)
