"""A session that breaks its protocol is ended, and whoever waits for it hears why."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

from polykernel_runner.errors import SessionBroken
from polykernel_runner.process import Program

log = logging.getLogger(__name__)


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
