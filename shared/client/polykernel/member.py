"""A warm kernel of a pool, and how many of them there are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polykernel.errors import KernelClosedError, KernelDiedError
from polykernel.kernel import Kernel
from polykernel.lifetime import answers

if TYPE_CHECKING:
    from polykernel.connection import Connection

# Seconds in which a kernel that does nothing answers; one that does not is replaced.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStats:
    """How many kernels there are: `idle` ones are warm, `ending` ones are being removed.

    `waiting` are those who want one. The others count from the beginning: kernels `served`, starts
    that `failed`, idle kernels that `died`.
    """

    idle: int
    starting: int
    taken: int
    ending: int
    waiting: int
    served: int
    failed: int
    died: int


class Member:
    """A warm kernel; `over` when it has had its user, or has died before."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.kernel = Kernel(connection)
        self.over = asyncio.Event()

    async def lives(self) -> bool:
        """Whether it answers."""
        try:
            return await answers(self.connection, PATIENCE)
        except (KernelDiedError, KernelClosedError):
            return False
