"""The queue of runs: one after the other, each answered exactly once, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from signal import SIGINT, SIGKILL

from polykernel_runner.channel import Channel
from polykernel_runner.errors import CleaningError, JobRefused, LaunchError
from polykernel_runner.foreground import Foreground
from polykernel_runner.protocol import Finished
from polykernel_runner.protocol.verdict import NOTHING_TO_RUN, RUNNER_FAILED, not_run
from polykernel_runner.runs import Run, RunSink, Work
from polykernel_runner.worker import Worker

log = logging.getLogger(__name__)

# Seconds that a run has to end by itself when the kernel is shut down.
STOP_TIME = 1.0
LAST_WORD_TIME = 0.2
SHUT_DOWN_EXIT = 128 + SIGKILL


class Execution:
    """Takes runs and does them in order, once `ready` is set. `serve` is its one task.

    `before_ending` is awaited with each ending before that is told.
    """

    def __init__(
        self,
        worker: Worker,
        foreground: Foreground,
        channel: Channel,
        ready: asyncio.Event,
        before_ending: Callable[[Finished], Awaitable[None]],
    ) -> None:
        self._channel = channel
        self._foreground = foreground
        self._worker = worker
        self._queue: deque[Run] = deque()
        self._arrived = asyncio.Event()
        self._current: Run | None = None
        self._idle = asyncio.Event()
        # Set when no further run can be done as it should.
        self.broken = asyncio.Event()
        self._is_unclean = False
        self._ready = ready
        self._before_ending = before_ending

    @property
    def running(self) -> bool:
        """Whether a run has its turn."""
        return self._current is not None

    @property
    def queued(self) -> int:
        """How many runs wait for theirs."""
        return len(self._queue)

    def submit(self, work: Work, run_id: bytes | None) -> None:
        """Put a run at the end of the queue."""
        self._queue.append(Run(work, run_id))
        self._idle.clear()
        self._arrived.set()

    def interrupt(self) -> None:
        """Stop what runs now, or has come just now and is about to."""
        if self._current is not None:
            self._foreground.interrupt()
        elif self._queue:
            self._queue[0].cancelled = True

    def input(self, text: str, run_id: bytes | None) -> None:
        """Give a line to the run of that id; without one to what runs now, or else next."""
        run = self._find(run_id)
        if run is not None and run is self._current:
            self._foreground.input(text)
        elif run is not None:
            run.typed.append(text)

    def input_eof(self, run_id: bytes | None) -> None:
        """End the input of the run of that id; without one of what runs now, or else next."""
        run = self._find(run_id)
        if run is not None and run is self._current:
            self._foreground.input_eof()
        elif run is not None:
            run.typed_eof = True

    def cancel(self, run_id: bytes) -> bool:
        """Stop the run of that id, now or before its turn; return whether there is one."""
        run = self._find(run_id)
        if run is None:
            return False
        if run is self._current:
            self._foreground.interrupt()
        run.cancelled = True
        return True

    def _find(self, run_id: bytes | None) -> Run | None:
        known = [*filter(None, [self._current]), *self._queue]
        return next((run for run in known if run_id in (None, run.run_id)), None)

    async def serve(self) -> None:
        """Do runs until cancelled."""
        while True:
            while not self._queue:
                self._idle.set()
                self._arrived.clear()
                await self._arrived.wait()
            self._current = run = self._queue.popleft()
            self._foreground.begin(run.typed, run.typed_eof)
            try:
                await self._answer(run)
            finally:
                self._current = None

    async def stop(self, serving: asyncio.Task[None]) -> None:
        """End what runs, answer what waits, and end the task that serves."""
        for run in self._queue:
            run.cancelled = True
        if self._current is not None:
            self._foreground.stop("shutdown")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._idle.wait(), STOP_TIME)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await self._worker.close()

    async def _answer(self, run: Run) -> None:
        sink = RunSink(self._channel, run.run_id)
        try:
            ending = await self._end(run, sink)
            await self._before_ending(ending)
        except asyncio.CancelledError:
            late = not_run(run.step, "interrupted", SHUT_DOWN_EXIT, "the kernel was shut down")
            await asyncio.wait_for(sink.show(late), LAST_WORD_TIME)
            raise
        if ending.state == "none":
            ending = replace(ending, state=self._worker.state)
        await sink.show(ending)
        if self._is_unclean:
            self.broken.set()

    async def _do(self, work: Work, sink: RunSink) -> Finished:
        try:
            return await self._worker.do(work, sink)
        except LaunchError as error:
            if not await self._worker.end_session():
                raise
            log.warning("%s; the session, which may hold all processes there are, is ended", error)
        return await self._worker.do(work, sink)

    async def _end(self, run: Run, sink: RunSink) -> Finished:
        step = run.step
        if run.cancelled:
            return not_run(step, "interrupted", 128 + SIGINT, "cancelled before its turn")
        await self._foreground.wait_for(self._ready)
        if self._foreground.stopped_by is not None:
            return not_run(step, "interrupted", 128 + SIGINT, "stopped before it began")
        try:
            return await self._do(run.work, sink)
        except JobRefused as error:
            await sink.output("stderr", f"{error}\n".encode())
            return not_run(step, "refused", NOTHING_TO_RUN, str(error))
        except CleaningError as error:
            self._is_unclean = True
            reason = f"this kernel cannot be made clean and ends: {error}"
            log.critical("%s", reason)
            return not_run(step, "internal", RUNNER_FAILED, reason)
        except LaunchError as error:
            log.error("%s", error)
            return not_run(step, "internal", RUNNER_FAILED, str(error))
        except Exception as error:
            log.exception("a run failed")
            return not_run(step, "internal", RUNNER_FAILED, f"the runner failed: {error!r}")
