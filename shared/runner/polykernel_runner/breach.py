"""A session that breaks its protocol is ended, and whoever waits for it hears why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from polykernel_runner.errors import SessionBroken
from polykernel_runner.process import Program
from polykernel_runner.protocol.verdict import Ending

log = logging.getLogger(__name__)

# Seconds that a process has to end once it has begun to.
EXIT_TIME = 5.0
# Seconds that a question about code may hold up a query, before and after it is interrupted.
LATE_TIME = 5.0


class Breach:
    """Whether a session has broken its protocol, and how.

    User code lives in the session's process and may send whatever it likes. What waits for the
    session waits for the end of its process too, so to end that is to tell all of them.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self.reason: str | None = None

    def found(self, what: object) -> None:
        """End the session's process for what it did; the first reason stands."""
        if self.reason is None:
            self.reason = f"the session {what}; it was ended"
            log.warning("%s", self.reason)
        self._program.stop("shutdown")

    async def watch(self, work: Awaitable[None]) -> None:
        """Do a part of the speaking with the session; what goes wrong in that ends the session."""
        try:
            await work
        except SessionBroken as error:
            self.found(error)
        except Exception as error:
            log.exception("what a session sent")
            self.found(f"sent what the runner does not understand ({error!r:.200})")


async def answered(
    answer: Awaitable[None], program: Program, ended: asyncio.Future[Ending]
) -> None:
    """Return when a question from before a query has been answered, or the process has ended.

    Raises:
        SessionBroken: it is not answered.
    """
    waiting = asyncio.ensure_future(answer)
    either: list[asyncio.Future[Any]] = [waiting, ended]
    try:
        for _ in range(2):
            await asyncio.wait(either, timeout=LATE_TIME, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            if ended.done():
                return None
            program.send_interrupt()
    finally:
        waiting.cancel()
    raise SessionBroken("did not answer a question about code")


async def hung_up(ended: asyncio.Future[Ending]) -> None:
    """Return when a process that has closed its end is gone.

    Raises:
        SessionBroken: it lives on.
    """
    await asyncio.wait([ended], timeout=EXIT_TIME)
    if not ended.done():
        raise SessionBroken("closed its connection and lived on")
