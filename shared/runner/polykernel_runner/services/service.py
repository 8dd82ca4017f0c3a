"""One service of a kernel: started, joined, ended; at most one process of it at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable, Mapping

from polykernel_runner.errors import ServiceError
from polykernel_runner.protocol import ServiceResult
from polykernel_runner.runtime import Runtime
from polykernel_runner.services import port
from polykernel_runner.services.actions import Actions
from polykernel_runner.services.instance import Instance
from polykernel_runner.services.order import Order
from polykernel_runner.services.template import Value, fill
from polykernel_runner.tasks import OwnedTasks

log = logging.getLogger(__name__)

SECRET_BYTES = 24
_SHUT_DOWN = "it was shut down while it was starting"


def result_of(start: asyncio.Task[ServiceResult]) -> ServiceResult:
    """Return what a start that is done has come to."""
    if start.cancelled():  # before its first step, and it could not say so itself
        return ServiceResult("failed", f"the service was not started: {_SHUT_DOWN}")
    return start.result()


class Service:
    """Knows its process by itself, not by a name: one that ends late takes no newer one along."""

    def __init__(self, name: str, runtime: Runtime, tasks: OwnedTasks) -> None:
        self._name = name
        self._runtime = runtime
        self._tasks = tasks
        self._secrets: dict[str, str] = {}
        self._start: asyncio.Task[ServiceResult] | None = None
        self._instance: Instance | None = None
        self.credentials: Mapping[str, str] = {}

    @property
    def starting(self) -> asyncio.Task[ServiceResult] | None:
        """The start that is under way, if one is."""
        return None if self._start is None or self._start.done() else self._start

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._instance is not None and self._instance.living

    async def started(self) -> Instance | None:
        """Return the process when the start that is under way has succeeded, None when not."""
        starting = self.starting
        if starting is None:
            return None
        await asyncio.wait([starting])
        return self._instance if result_of(starting).status == "started" else None

    def secrets(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return secrets of these names; each is made when it is first asked for, and stays."""
        return {
            name: self._secrets.setdefault(name, secrets.token_urlsafe(SECRET_BYTES))
            for name in names
        }

    def start(self, order: Order, values: Mapping[str, Value]) -> asyncio.Task[ServiceResult]:
        """Start it; the task's result is the answer, and it raises nothing."""
        self._start = self._tasks.start(self._answer(order, values))
        return self._start

    async def shutdown(self, patience: float) -> bool:
        """End it, or its start; by SIGKILL after seconds. Return whether there was anything."""
        starting = self.starting
        if starting is not None:
            starting.cancel()
            await asyncio.wait([starting])
        lived = self.running
        if self._instance is not None:
            await self._instance.end(patience)
        if lived:
            log.info("service %r was shut down", self._name)
        return lived or starting is not None

    async def _answer(self, order: Order, values: Mapping[str, Value]) -> ServiceResult:
        try:
            failure = await self._try(order, values)
            if failure is None:
                return ServiceResult("started", None, self.credentials)
            if self._instance is not None:
                await self._instance.end(0)
        except asyncio.CancelledError:
            failure = _SHUT_DOWN
        except Exception as error:
            log.exception("service %r", self._name)
            failure = f"the runner failed: {error!r}"
        text = f"service {self._name!r} was not started: {failure}"
        log.warning("%s", text)
        return ServiceResult("failed", text)

    async def _try(self, order: Order, values: Mapping[str, Value]) -> str | None:
        """Start it; return why it was not started, None when it was."""
        if self._instance is not None:
            await self._instance.gone()
            self._instance = None
        seconds = order.definition.start_timeout
        try:
            await asyncio.wait_for(self._launch(order, values), seconds)
        except ServiceError as error:
            return str(error)
        except asyncio.TimeoutError:
            instance: Instance | None = self._instance
            if instance is None:
                return f"its {order.actions_key!r} took longer than {seconds:g} s (start_timeout)"
            return (
                f"it did not open port {order.ports[0]} within {seconds:g} s (start_timeout)"
                f"{instance.last_lines()}"
            )
        return None

    async def _launch(self, order: Order, given: Mapping[str, Value]) -> None:
        for number in order.ports:
            if port.is_taken(number):
                raise ServiceError(
                    f"port {number} is taken by another program of this container; "
                    "end that one, or ask for another port"
                )
        definition = order.definition
        known = self.secrets(definition.secrets)
        values: dict[str, Value] = {**given, **known, "ports": order.ports}
        actions = Actions(self._runtime, self._name, order.actions_key)
        for number, step in enumerate(definition.prestart, 1):
            result = await actions.perform(step, number, values)
            if step.ref is not None:
                values[step.ref] = result
        told = {
            name: known[name] if text is None else fill(text, values)
            for name, text in definition.credentials.items()
        }
        values |= told
        self.credentials = told
        command = self._runtime.command(
            order.argv(values), env=order.env(values), cwd=order.directory
        )
        self._instance = instance = Instance(self._name, command, self._tasks)
        if order.directory is None:
            await instance.serve(order.ports[0])
        else:
            await instance.settle()
        log.info(
            "service %r has started (pid %d, port %d)", self._name, instance.pid, order.ports[0]
        )
