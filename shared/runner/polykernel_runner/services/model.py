"""The model servers of a kernel: services that come with the request, and are watched."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from typing import TypeAlias

from polykernel_runner.errors import ProtocolError, ServiceError
from polykernel_runner.identity import acting_as
from polykernel_runner.protocol import (
    ModelServiceResult,
    ModelServiceStatus,
    ServiceResult,
    StartModelService,
)
from polykernel_runner.runtime import Runtime
from polykernel_runner.services import model_definition
from polykernel_runner.services.model_definition import MODEL_PATH, ModelDefinition
from polykernel_runner.services.order import Order
from polykernel_runner.services.service import Service, result_of
from polykernel_runner.services.template import Value
from polykernel_runner.services.watch import Watch
from polykernel_runner.tasks import OwnedTasks

log = logging.getLogger(__name__)

# Takes what is told of a model's health, under the run id of the request that started it.
Tell: TypeAlias = Callable[[ModelServiceStatus, "bytes | None"], None]


class Models:
    """Starts, watches and ends model servers; `close` ends them all."""

    def __init__(self, runtime: Runtime, values: Mapping[str, Value], tell: Tell) -> None:
        self._runtime = runtime
        self._values = values
        self._tell = tell
        self._tasks = OwnedTasks()
        self._services: dict[tuple[str, int], Service] = {}
        self._closed = False

    async def start(
        self,
        request: StartModelService,
        run_id: bytes | None,
        answered: asyncio.Event,
        patience: float | None = None,
    ) -> ModelServiceResult:
        """Start a model server, or join its start; return when its process lives or has failed.

        Nothing is told of its health before `answered` is set. After `patience` seconds, and
        those for which its checks may fail, the answer is that it still starts; the start goes on.
        """
        try:
            model = model_definition.parse(request)
            starting = self._start(model, run_id, answered)
        except (ProtocolError, ServiceError) as error:
            text = f"model {request.name!r} was not started: {error}"
            log.warning("%s", text)
            return ModelServiceResult("failed", text)
        if starting is None:
            return ModelServiceResult("running")
        if patience is not None and model.health_check is not None:
            patience += model.health_check.time_to_fail
        await asyncio.wait([starting], timeout=patience)
        if not starting.done():
            text = f"model {request.name!r} is still starting; ask again"
            return ModelServiceResult("failed", text)
        result = result_of(starting)
        return ModelServiceResult(result.status, result.error)

    async def shutdown(self, name: str, patience: float) -> bool:
        """End those of a model, or the one of its service's name; return whether there were any."""
        lived = False
        for (model, port), service in [*self._services.items()]:
            if name in (model, f"{model}-{port}"):
                lived |= await service.shutdown(patience)
        return lived

    async def close(self, patience: float) -> None:
        """End all model servers and start no more."""
        self._closed = True
        ending = (service.shutdown(patience) for service in self._services.values())
        await asyncio.gather(*ending)
        await self._tasks.cancel()

    def _start(
        self, model: ModelDefinition, run_id: bytes | None, answered: asyncio.Event
    ) -> asyncio.Task[ServiceResult] | None:
        if self._closed:
            raise ServiceError("the kernel is being shut down")
        service = self._services.setdefault(
            (model.name, model.port), Service(model.service.name, self._runtime, self._tasks)
        )
        if service.starting is not None:
            return service.starting
        if service.running:
            return None
        directory = self._directory(model.model_path)
        order = Order(definition=model.service, ports=(model.port,), directory=directory)
        starting = service.start(order, {**self._values, MODEL_PATH: directory})
        self._tasks.start(self._watch(model, service, run_id, answered))
        return starting

    def _directory(self, model_path: str) -> str:
        path = os.path.join(str(self._runtime.config.work), model_path)
        with acting_as(self._runtime.workspace.user):
            if os.path.isdir(path):
                return path
        raise ServiceError(f"'model_path' is no directory that the user can reach: {path}")

    async def _watch(
        self,
        model: ModelDefinition,
        service: Service,
        run_id: bytes | None,
        answered: asyncio.Event,
    ) -> None:
        instance = await service.started()
        if instance is None:
            return
        await answered.wait()
        await Watch(
            model,
            instance,
            lambda healthy: self._tell(ModelServiceStatus(model.name, healthy), run_id),
        ).run()
