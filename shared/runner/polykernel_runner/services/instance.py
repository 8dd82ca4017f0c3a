"""One process of a service, from its launch to its end."""

from __future__ import annotations

import asyncio
import logging

from polykernel_runner.errors import JobRefused, LaunchError, ServiceError
from polykernel_runner.launch import Command
from polykernel_runner.process import Program
from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import finished
from polykernel_runner.services import port
from polykernel_runner.services.listening import is_strangers
from polykernel_runner.services.tail import Tail
from polykernel_runner.tasks import OwnedTasks

log = logging.getLogger(__name__)

SETTLE_TIME = 1.0  # seconds


class Instance:
    """A process that has been started; `tasks` owns it."""

    def __init__(self, service: str, command: Command, tasks: OwnedTasks) -> None:
        self._service = service
        self._user = command.user
        self._tail = Tail(service)
        self._program = Program(command, self._tail)
        self._how = "was not started"
        self._serving = False
        self._expected = False
        self._life = tasks.start(self._live())

    @property
    def pid(self) -> int:
        """The process's number, 0 until it has one."""
        return self._program.pid

    @property
    def living(self) -> bool:
        """Whether it runs, and nobody has ended it."""
        return not (self._program.exited or self._life.done() or self._expected)

    async def serve(self, number: int) -> None:
        """Return when it has opened a port.

        Raises:
            ServiceError: it has ended instead, and the message has its last words; or another
                program was quicker.
        """
        if not await port.until_open(number, self.lives_on) or self._program.exited:
            await self.gone()
            raise ServiceError(f"it {self._how} before it opened port {number}{self._tail.last()}")
        if is_strangers(number, self.pid, self._user):
            raise ServiceError(
                f"another program of this container was quicker to open port {number}; "
                "end that one, or ask for another port"
            )
        self._serving = True

    async def settle(self) -> None:
        """Return when it has lived for a moment, long enough to find what it lacks to begin with.

        Raises:
            ServiceError: it has ended; the message has its last words.
        """
        if not await self.lives_on(SETTLE_TIME) or self._program.exited:
            await self.gone()
            raise ServiceError(f"it {self._how}{self._tail.last()}")
        self._serving = True

    async def lives_on(self, seconds: float) -> bool:
        """Wait for so many seconds, or until it is gone; return whether it is still there."""
        await asyncio.wait([self._life], timeout=max(seconds, 0))
        return not self._life.done()

    def last_lines(self) -> str:
        """Return the last of what it printed, as the end of a message."""
        return self._tail.last()

    async def end(self, patience: float) -> None:
        """End it and all that it started, by SIGKILL after seconds; return when all is gone."""
        self._expected = True
        self._program.terminate(patience)
        await self.gone()

    async def gone(self) -> None:
        """Return when it and all that it started are gone."""
        await asyncio.wait([self._life])

    async def _live(self) -> None:
        try:
            ending = await self._program.run()
        except (LaunchError, JobRefused) as error:
            self._how = f"could not be started ({error})"
            return
        done = finished("exec", ending, Limits())
        code = f"ended with exit code {done.exit_code}"
        how = f"was ended by {done.signal}" if done.signal else code
        self._how = f"{how} ({done.reason})" if done.reason else how
        if self._serving and not self._expected:
            log.warning("service %r %s%s", self._service, self._how, self._tail.last())
