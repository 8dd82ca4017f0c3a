"""A kernel from its start to its end: startup, serve, shutdown."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from polykernel_runner import language
from polykernel_runner.about import About
from polykernel_runner.bootstrap import Bootstrap
from polykernel_runner.channel import Channel
from polykernel_runner.config import Config
from polykernel_runner.end import listen_for_the_end
from polykernel_runner.errors import CleaningError, LaunchError, ProtocolError
from polykernel_runner.execution import Execution
from polykernel_runner.foreground import Foreground
from polykernel_runner.launch import Command, make_rulesets
from polykernel_runner.oom import OomWatch
from polykernel_runner.outbox import Outbox, RecordHandler
from polykernel_runner.protocol import (
    AssistanceRequest,
    Cancel,
    Complete,
    Finished,
    GetStatus,
    Input,
    InputEof,
    Inspect,
    Interrupt,
    IsComplete,
    NotifyEvent,
    Request,
    Reset,
    ResizeTerminal,
    RunJob,
    RunQuery,
    RunStep,
    SayHello,
    StartModelService,
    StartService,
    Status,
    answer_to_bad,
    decode_request,
    nothing_for,
    run_id_of,
)
from polykernel_runner.protocol.verdict import OUT_OF_MEMORY
from polykernel_runner.runs import BadRun
from polykernel_runner.runtime import Runtime
from polykernel_runner.services.desk import ServiceDesk
from polykernel_runner.tasks import OwnedTasks, owned_tasks
from polykernel_runner.terminal import Terminal
from polykernel_runner.worker import Worker
from polykernel_runner.workspace import Workspace

log = logging.getLogger(__name__)

# Questions about code that may wait for their answers; more are answered with nothing, at once.
MOST_QUESTIONS = 32
TERMINAL_ENV = {"TERM": "xterm-256color"}

Handler = Callable[[Any, "bytes | None"], None]


async def serve(config: Config) -> None:
    """Serve a kernel until it is told to end.

    Raises:
        ConfigError: it cannot be served as it was started.
    """
    runtime = Runtime(
        config,
        language.load(config.language_file),
        Workspace(config.work, config.user, str(config.launcher), config.scratch),
        rulesets=make_rulesets(str(config.launcher)),
    )
    async with Channel(config.access, config.ports) as channel, owned_tasks() as tasks:
        server = Server(runtime, channel, tasks)
        await server.run()


class Server:
    """Hands each request to who knows what to do with it."""

    def __init__(self, runtime: Runtime, channel: Channel, tasks: OwnedTasks) -> None:
        self._started_at = time.time()
        self._runtime = runtime
        self._channel = channel
        self._tasks = tasks
        self._outbox = Outbox(channel)
        self._terminal = Terminal(
            self._shell_command,
            channel,
        )
        self._bootstrap = Bootstrap(runtime)
        self._services_turn = asyncio.Lock()
        self._foreground = foreground = Foreground(self._is_crowded, counted=runtime.ceiling > 0)
        self._desk = ServiceDesk(runtime, channel, self._outbox)
        self._worker = Worker(
            runtime,
            self._terminal,
            foreground,
            self._is_crowded,
        )
        self._execution = Execution(
            self._worker, foreground, channel, self._bootstrap.done, self._tell_of_kills
        )
        self._about = About(runtime, foreground)
        self._questions = 0
        self._oom = OomWatch(str(runtime.config.launcher), lambda: self._execution.running)
        submit: Handler = self._execution.submit
        self._handlers: Mapping[type[Request], Handler] = {
            RunStep: submit,
            RunQuery: submit,
            RunJob: submit,
            Reset: submit,
            Input: lambda request, run_id: self._execution.input(request.text, run_id),
            InputEof: lambda _request, run_id: self._execution.input_eof(run_id),
            Interrupt: lambda _request, _: self._execution.interrupt(),
            Cancel: self._cancel,
            GetStatus: self._status,
            SayHello: self._hello,
            Complete: self._assist,
            Inspect: self._assist,
            IsComplete: self._assist,
            NotifyEvent: lambda request, _: self._oom.told(request.type),
            ResizeTerminal: lambda request, _: self._terminal.resize(request),
            **dict.fromkeys(self._desk.handlers, self._service),
        }

    async def run(self) -> None:
        """Startup, serve, shutdown."""
        end = listen_for_the_end(tethered=self._runtime.config.tether)
        logging.getLogger().addHandler(RecordHandler(self._outbox))
        executing = asyncio.create_task(self._execution.serve())
        self._tasks.start(self._begin())
        self._tasks.start(self._outbox.serve())
        self._tasks.start(self._terminal.serve())
        self._tasks.start(self._oom.serve())
        self._tasks.start(self._receive())
        self._tasks.start(self._end_when_broken(end))
        await end.wait()
        await asyncio.gather(self._execution.stop(executing), self._desk.close())

    def _is_crowded(self) -> bool:
        """Return whether programs of the user's may run that are no run's."""
        return self._terminal.in_use or self._desk.in_use

    async def _begin_beside(self) -> None:
        """Say that a program is about to be started that is no run's."""
        self._foreground.no_longer_alone()
        try:
            await self._worker.begin_beside()
        except (CleaningError, LaunchError) as error:
            log.warning("files of jobs and others cannot be told apart: %s", error)

    def _service(self, request: Request, run_id: bytes | None) -> None:
        async def handle() -> None:
            async with self._services_turn:  # in the order in which they came
                if isinstance(request, StartService | StartModelService):
                    await self._begin_beside()
                self._desk.handlers[type(request)](request, run_id)

        self._tasks.start(handle())

    async def _shell_command(self) -> Command:
        await self._begin_beside()
        runtime = self._runtime
        command = runtime.command(runtime.language.terminal, stdin=None, env=TERMINAL_ENV)
        # Whoever sits there may look into the programs of runs with a debugger.
        return replace(command, rulesets=None)

    async def _end_when_broken(self, end: asyncio.Event) -> None:
        await self._execution.broken.wait()
        end.set()

    async def _begin(self) -> None:
        if self._runtime.config.has_cluster:
            self._tasks.start(self._join_cluster())
        await self._bootstrap.serve()

    async def _join_cluster(self) -> None:
        await self._bootstrap.done.wait()
        await self._desk.join_cluster()

    async def _receive(self) -> None:
        while True:
            frames = await self._channel.receive()
            try:
                self._handle(frames)
            except Exception:
                log.exception("a request of type %.40r failed", frames[0])
            # A flood of requests would let nothing else have its turn.
            await asyncio.sleep(0)

    def _handle(self, frames: list[bytes]) -> None:
        log.debug("received %.40r, %d bytes", frames[0], sum(map(len, frames[1:])))
        run_id = run_id_of(frames)
        try:
            request = decode_request(frames)
        except ProtocolError as error:
            log.warning("%s", error)
            if error.step is not None:
                self._execution.submit(BadRun(error.step, str(error)), run_id)
            if answer := answer_to_bad(frames, str(error)):
                self._outbox.put(answer, run_id)
            return
        self._oom.wake()
        self._handlers[type(request)](request, run_id)

    async def _tell_of_kills(self, ending: Finished) -> None:
        if ending.reason == OUT_OF_MEMORY:
            self._oom.ended()
        # Who leaves at a run's end shall still hear why it, or a part of it, was killed.
        if await self._oom.settled():
            await self._outbox.flushed()

    def _cancel(self, request: Cancel, _: bytes | None) -> None:
        if not self._execution.cancel(request.run_id):
            log.warning("no run %r is queued or running", request.run_id)

    def _status(self, _: GetStatus, run_id: bytes | None) -> None:
        status = Status(
            started_at=self._started_at,
            ready=self._bootstrap.done.is_set(),
            running=self._execution.running,
            queued=self._execution.queued,
        )
        self._outbox.put(status, run_id)

    def _assist(self, request: AssistanceRequest, run_id: bytes | None) -> None:
        async def assist() -> None:
            try:
                self._outbox.put(await self._worker.assist(request), run_id)
            finally:
                self._questions -= 1

        if self._bootstrap.done.is_set() and self._questions < MOST_QUESTIONS:
            self._questions += 1
            self._tasks.start(assist())
        else:
            self._outbox.put(nothing_for(request), run_id)

    def _hello(self, _: SayHello, run_id: bytes | None) -> None:
        async def hello() -> None:
            self._outbox.put(await self._about.hello(self._execution.running), run_id)

        self._tasks.start(hello())
