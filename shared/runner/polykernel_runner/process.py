"""Runs one program of the user's: spawn, stream, limit, interrupt, reap.

The launcher (shared/runner/launcher) is the program's supervisor; this is its other half. Output
goes to a `Sink` as it is read, and the program waits while the sink does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, Protocol, TypeAlias

from polykernel_runner import cgroup
from polykernel_runner.budget import OutputBudget
from polykernel_runner.control import (
    INTERRUPT,
    KILL,
    NOT_ALONE,
    TERMINATE,
    Control,
    Exit,
    Over,
    Used,
)
from polykernel_runner.input_pipe import InputPipe
from polykernel_runner.launch import Command, Launched
from polykernel_runner.output_pipe import OutputPipe
from polykernel_runner.protocol import Limits, StreamName
from polykernel_runner.protocol.verdict import Ending, StopCause
from polykernel_runner.tasks import OwnedTasks, owned_tasks

log = logging.getLogger(__name__)

# Seconds: how long what a program leaves behind may keep its output open; how long an interrupted
# program has to end before each harder signal.
DRAIN_TIME = 0.3
TERM_AFTER = 2.0
KILL_AFTER = 1.0

# What is sent one after the other, and how long each is waited for; seconds.
Orders: TypeAlias = tuple[tuple[bytes, float | None], ...]


class Sink(Protocol):
    """Where a program's output and its waiting go."""

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Take what the program wrote; the program waits meanwhile."""

    async def waiting(self, is_password: bool = False) -> None:
        """Hear that the program is blocked reading its standard input."""


class Program:
    """One run of a command. `run` is awaited once; the rest may be called meanwhile.

    `launcher` is its launcher's process number, 0 until that has been started.
    """

    def __init__(self, command: Command, sink: Sink) -> None:
        self._command = command
        self._sink = sink
        self._stopped_by: StopCause | None = None
        self._control = Control(self._exceed)
        self._exit = self._control.exit
        self._orders: Orders = ()
        self._tasks: OwnedTasks | None = None
        self._work: Over | None = None
        self.launcher = 0
        self._budget = OutputBudget(command.limits)
        self._outputs: tuple[OutputPipe, ...] = ()
        self._input = InputPipe(command.stdin, sink.waiting, self.caught_up)

    @property
    def takes_input(self) -> bool:
        """Whether its standard input was left open."""
        return self._command.stdin is None

    @property
    def pid(self) -> int:
        """The main process's number, 0 until it has been started."""
        return self._control.pid

    @property
    def exit(self) -> asyncio.Future[Exit]:
        """Done when its main process has ended; what that left behind may live on."""
        return self._exit

    @property
    def stopped_by(self) -> StopCause | None:
        """Why it was ended, if it was."""
        return self._stopped_by

    @property
    def exited(self) -> bool:
        """Whether its main process has ended; its output may still be on the way."""
        return self._exit.done()

    def interrupt(self) -> None:
        """Ask the program to stop: SIGINT, later SIGTERM, later SIGKILL."""
        if not self._exit.done():
            self._stopped_by = self._stopped_by or "interrupt"
            self._input.discard()
            self._end_by(((INTERRUPT, TERM_AFTER), (TERMINATE, KILL_AFTER), (KILL, None)))

    def terminate(self, patience: float) -> None:
        """Ask the program and all that it started to end, by SIGTERM; after seconds SIGKILL."""
        if not self._exit.done():
            self._stopped_by = self._stopped_by or "shutdown"
            self._end_by(((TERMINATE, patience), (KILL, None)))

    def stop(self, cause: StopCause) -> None:
        """End the program and all that it started, at once."""
        if not self._exit.done():
            self._stopped_by = self._stopped_by or cause
            self._control.order(KILL)

    def send_interrupt(self) -> None:
        """Send the program's group SIGINT, and no more than that."""
        self._control.order(INTERRUPT)

    def input(self, text: str) -> None:
        """Give the program a line; until it reads, the line waits."""
        self._input.put((text if text.endswith("\n") else text + "\n").encode())

    def input_eof(self) -> None:
        """End the program's standard input."""
        self._input.put_eof()

    def give(self, stdin: bytes) -> None:
        """Give the program all the input that there will be."""
        self._input.put(stdin)
        self._input.put_eof()

    def discard_input(self) -> None:
        """Throw away input that the program has not been given yet."""
        self._input.discard()

    def renew_input(self) -> None:
        """Begin the input anew, where the command says that it can be."""
        self._input.renew()

    def rest_input(self) -> None:
        """Stop looking whether the program waits for input, until some comes or it is renewed."""
        self._input.rest()

    async def run(self) -> Ending:
        """Run the program; return how it ended, after all its output.

        Raises:
            LaunchError: it could not be started.
        """
        started, kills = time.monotonic(), cgroup.oom_kills()
        name = self._command.argv[0]
        log.debug("%s is started", name)
        with ExitStack() as stack:
            launched = Launched(self._command, stack)
            self.launcher = launched.pid
            self._control.attach(launched.control)
            stack.callback(self._control.detach)
            self._input.open(launched.stdin, launched.watch)
            if self._command.renewable_input:
                self._input.make_renewable()
            stack.callback(self._input.close)
            async with owned_tasks() as tasks:
                self._tasks = tasks
                for duty in self._duties():
                    tasks.start(duty)
                wall_time = await self._stream(launched, started, tasks)
        ended = self._exit.result()
        total = self._control.total
        log.debug("%s, %d, ended: status %d, %.3f s", name, self.pid, ended.status, wall_time)
        return Ending(
            wait_status=ended.status,
            stopped_by=self._stopped_by,
            oom_killed=cgroup.oom_kills() > kills,
            wall_time=wall_time,
            cpu_time=total.cpu_time,
            max_rss=total.max_rss,
            dropped_stdout=self._budget.dropped["stdout"],
            dropped_stderr=self._budget.dropped["stderr"],
        )

    async def caught_up(self) -> None:
        """Return when all output that was written until now has been passed on."""
        for output in self._outputs:
            await output.caught_up()

    def _duties(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Return what there is to do beside passing output on: for most programs very little."""
        if not self._input.is_ended:
            yield self._input.feed()
        if self.takes_input:
            yield self._input.watch()
        if self._orders:
            yield self._escalate()

    async def _stream(self, launched: Launched, started: float, tasks: OwnedTasks) -> float:
        """Pass the output on until the program and all it left behind are gone."""
        self._outputs = (
            OutputPipe(launched.stdout, partial(self._emit, "stdout")),
            OutputPipe(launched.stderr, partial(self._emit, "stderr")),
        )
        pumps = [tasks.start(output.pump()) for output in self._outputs]
        for pump in pumps:
            pump.add_done_callback(self._fail_with)
        await self._exit
        wall_time = time.monotonic() - started
        if not all(pump.done() for pump in pumps):
            await asyncio.wait(pumps, timeout=DRAIN_TIME)
        if self._command.keep_leftovers and self._stopped_by is None:
            await self._control.all_gone.wait()
        self._control.order(KILL)
        await self._control.all_gone.wait()
        for output in self._outputs:
            output.release()
        for pump in pumps:
            await pump
        return wall_time

    def _fail_with(self, pump: asyncio.Task[None]) -> None:
        """Wait no more for the exit of a program whose output cannot be passed on."""
        if not pump.cancelled() and (error := pump.exception()) and not self._exit.done():
            self._exit.set_exception(error)

    async def _emit(self, stream: StreamName, data: bytes) -> None:
        kept = self._budget.take(stream, data)
        if self._budget.kills:
            self.stop("output")
        if kept:
            await self._sink.output(stream, kept)

    def _end_by(self, orders: Orders) -> None:
        if not self._orders:
            self._orders = orders
            if self._tasks is not None:
                self._tasks.start(self._escalate())

    async def _escalate(self) -> None:
        for order, patience in self._orders:
            self._control.order(order)
            await asyncio.wait([self._exit], timeout=patience)

    def no_longer_alone(self) -> None:
        """Hear that another program of the user's runs beside this one from now on."""
        self._control.order(NOT_ALONE)

    def begin_work(self, limits: Limits, over: Over, *, alone: bool) -> None:
        """Have what the program does from now on measured; `over` hears which limit it exceeds."""
        self._work = over
        self._control.begin_work(limits, alone=alone)

    async def end_work(self) -> Used | None:
        """Return what it has used since `begin_work`; None where it has ended."""
        used = await self._control.end_work()
        self._work = None
        return used

    def _exceed(self, cause: StopCause) -> None:
        """Note a limit that the launcher holds: it ends the program by itself, but not for work."""
        if self._work is not None and cause != "container":
            self._work(cause)
        else:
            self._stopped_by = self._stopped_by or cause
