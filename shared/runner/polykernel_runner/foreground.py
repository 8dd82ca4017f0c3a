"""What runs now, as the one who interrupts, stops or types sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from signal import SIGINT
from typing import Any, Protocol

from polykernel_runner.launch import Command
from polykernel_runner.process import Program, Sink
from polykernel_runner.protocol.verdict import Ending, StopCause


class Controllable(Protocol):
    """A program, or an evaluation in a query engine."""

    @property
    def takes_input(self) -> bool:
        """Whether what is typed is for it."""

    def interrupt(self) -> None:
        """Ask it to stop."""

    def stop(self, cause: StopCause) -> None:
        """End it at once."""

    def input(self, text: str) -> None:
        """Give it a line."""

    def input_eof(self) -> None:
        """End its input."""

    def no_longer_alone(self) -> None:
        """Hear that another program of the user's runs beside it from now on."""


class Foreground:
    """The run that has its turn. What is typed before something reads it is kept until it ends.

    `is_crowded` says whether programs of the user's may run that are no run's: services, and a
    shell on the terminal. `counted` is whether the container has counters of its own.
    """

    def __init__(self, is_crowded: Callable[[], bool], *, counted: bool) -> None:
        self._is_crowded = is_crowded
        self._counted = counted
        self._beside = 0
        # The process that evaluates queries, while it lives.
        self.session: Program | None = None
        self._current: Controllable | None = None
        self._stopped_by: StopCause | None = None
        self._typed: list[str] = []
        self._typed_eof = False

    @property
    def stopped_by(self) -> StopCause | None:
        """Why this run is being ended, if it is."""
        return self._stopped_by

    @property
    def is_crowded(self) -> bool:
        """Whether programs of the user's may run that are no run's."""
        return self._beside > 0 or self._is_crowded()

    @property
    def is_counted(self) -> bool:
        """Whether the container's counters tell of runs and the session alone."""
        return self._counted and not self.is_crowded

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Run a program that is no run's while the block lasts."""
        self._beside += 1
        self.no_longer_alone()
        try:
            yield
        finally:
            self._beside -= 1

    def no_longer_alone(self) -> None:
        """Hear that a program is about to be started that is no run's."""
        for program in (self._current, self.session):
            if program is not None:
                program.no_longer_alone()

    def begin(self, typed: Iterable[str], typed_eof: bool) -> None:
        """Start a run's turn, with what was typed for it before."""
        self._stopped_by = None
        self._typed = list(typed)
        self._typed_eof = typed_eof

    def enter(self, current: Controllable) -> None:
        """Let something be what is interrupted and typed to from now on."""
        self._current = current
        if not current.takes_input:
            return
        for text in self._typed:
            current.input(text)
        self._typed.clear()
        if self._typed_eof:
            current.input_eof()

    def leave(self) -> None:
        """Nothing is, until the next."""
        self._current = None

    def interrupt(self) -> None:
        """Stop the run, gently at first."""
        self._stopped_by = self._stopped_by or "interrupt"
        self._typed.clear()
        if self._current is not None:
            self._current.interrupt()

    def stop(self, cause: StopCause) -> None:
        """End the run at once."""
        self._stopped_by = self._stopped_by or cause
        if self._current is not None:
            self._current.stop(cause)

    def input(self, text: str) -> None:
        """Give a line to what runs, or to what runs next in this run."""
        if self._current is not None and self._current.takes_input:
            self._current.input(text)
        else:
            self._typed.append(text)

    def input_eof(self) -> None:
        """End the input of what runs, or of what runs next in this run."""
        if self._current is not None and self._current.takes_input:
            self._current.input_eof()
        else:
            self._typed_eof = True

    async def run(self, commands: Iterable[Command], sink: Sink) -> Ending:
        """Run programs one after the other as long as they succeed; return their common ending.

        Raises:
            LaunchError: one could not be started.
        """
        total = Ending(wait_status=0)
        for command in commands:
            if self._stopped_by is not None:
                return _joined(total, Ending(wait_status=SIGINT, stopped_by=self._stopped_by))
            total = _joined(total, await self._run_one(command, sink))
            if total.wait_status or total.stopped_by:
                break
        return total

    async def wait_for(self, event: asyncio.Event) -> None:
        """Return when something has come to pass, or this run is to be stopped."""
        if event.is_set():
            return
        waiting = asyncio.create_task(event.wait())
        self.enter(_Waiting(waiting))
        try:
            await asyncio.wait([waiting])
        finally:
            waiting.cancel()
            self.leave()

    async def _run_one(self, command: Command, sink: Sink) -> Ending:
        alone = self.is_counted and self.session is None
        removes_ipc = not self.is_crowded
        own = replace(command, alone=alone, removes_ipc=removes_ipc, scoped=True)
        program = Program(own, sink)
        self.enter(program)
        try:
            return await program.run()
        finally:
            self.leave()


class _Waiting:
    """A run that has not begun."""

    takes_input = False

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    def interrupt(self) -> None:
        self._task.cancel()

    def stop(self, cause: StopCause) -> None:  # noqa: ARG002
        self._task.cancel()

    def input(self, text: str) -> None:
        """Nothing reads yet."""

    def input_eof(self) -> None:
        """Nothing reads yet."""

    def no_longer_alone(self) -> None:
        """Nothing is measured yet."""


def _joined(first: Ending, then: Ending) -> Ending:
    return Ending(
        wait_status=then.wait_status,
        stopped_by=then.stopped_by,
        oom_killed=first.oom_killed or then.oom_killed,
        wall_time=first.wall_time + then.wall_time,
        cpu_time=first.cpu_time + then.cpu_time,
        max_rss=max(first.max_rss, then.max_rss),
        dropped_stdout=first.dropped_stdout + then.dropped_stdout,
        dropped_stderr=first.dropped_stderr + then.dropped_stderr,
    )
