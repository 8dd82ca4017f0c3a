"""The services of a kernel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import quote

from polykernel_runner.errors import ServiceError
from polykernel_runner.protocol import App, AppsResult, ServiceResult, StartService
from polykernel_runner.runtime import Runtime
from polykernel_runner.services import image
from polykernel_runner.services.catalog import Catalog
from polykernel_runner.services.definition import ServiceDefinition
from polykernel_runner.services.model import Models, Tell
from polykernel_runner.services.order import make_order, on_terminal
from polykernel_runner.services.service import Service, result_of
from polykernel_runner.services.template import Value, fill_some
from polykernel_runner.tasks import OwnedTasks

log = logging.getLogger(__name__)

# Seconds that a service has to end by itself: when it is shut down, and when the kernel is.
SHUTDOWN_TIME = 5.0
CLOSE_TIME = 1.0


class Services:
    """Starts and ends services, each without waiting for another. `close` ends them all."""

    def __init__(self, runtime: Runtime, tell: Tell) -> None:
        self._runtime = runtime
        self._catalog = Catalog(runtime.config.service_defs)
        manifest = runtime.config.language_file.with_name("language.toml")
        self._image = image.read(manifest, runtime.config.ports)
        self._tasks = OwnedTasks()
        self._services: dict[str, Service] = {}
        self._closed = False
        self.models = Models(runtime, self._values(), tell)

    async def start(self, request: StartService, patience: float | None = None) -> ServiceResult:
        """Start a service, or join its start; return when it serves or has failed.

        After `patience` seconds the answer is that it still starts; the start goes on.
        """
        try:
            starting = self._start(request)
        except ServiceError as error:
            log.warning("%s", error)
            return ServiceResult("failed", str(error))
        if isinstance(starting, ServiceResult):
            return starting
        await asyncio.wait([starting], timeout=patience)
        if starting.done():
            return result_of(starting)
        return ServiceResult("failed", f"service {request.name!r} is still starting; ask again")

    async def shutdown(self, name: str) -> None:
        """End a service or model server and all that it started; return when it is gone."""
        service = self._services.get(name)
        # At once, not in a task of its own: a start that comes next waits for the end.
        lived = service is not None and await service.shutdown(SHUTDOWN_TIME)
        if not (await self.models.shutdown(name, SHUTDOWN_TIME) or lived):
            log.info("service %r does not run, so there is nothing to shut down", name)

    def apps(self, name: str = "") -> AppsResult:
        """List the services that are defined: the one of that name, or with an empty one all."""
        defined = self._catalog.all()
        return AppsResult(tuple(self._app(each) for each in defined if name in ("", each.name)))

    async def close(self) -> None:
        """End all services and start no more."""
        self._closed = True
        ending = (service.shutdown(CLOSE_TIME) for service in self._services.values())
        await asyncio.gather(self.models.close(CLOSE_TIME), *ending)
        await self._tasks.cancel()

    def _start(self, request: StartService) -> ServiceResult | asyncio.Task[ServiceResult]:
        name = request.name
        ports = self._image.services.get(name)
        protocol = request.protocol or (ports.protocol if ports else None)
        if protocol == "preopen":
            return ServiceResult("started")  # the user runs it
        if self._closed:
            raise ServiceError("the kernel is being shut down")
        service = self._services.get(name)
        if service is not None and service.starting is not None:
            return service.starting
        if service is not None and service.running:
            return ServiceResult("running", None, service.credentials)
        definition = self._catalog.find(name)
        if protocol == "pty":
            definition = on_terminal(definition, self._catalog.get("ttyd"))
        order = make_order(definition, request, ports, self._runtime.config.user_env)
        service = self._service(name)
        if definition.noop:
            return ServiceResult("started", None, service.secrets(definition.secrets))
        return service.start(order, self._values())

    def _service(self, name: str) -> Service:
        return self._services.setdefault(name, Service(name, self._runtime, self._tasks))

    def _values(self) -> Mapping[str, Value]:
        path = self._image.runtime_path
        return {} if path is None else {"runtime_path": path}

    def _app(self, definition: ServiceDefinition) -> App:
        ports = self._image.services.get(definition.name)
        if ports is not None and ports.protocol == "pty":
            try:
                definition = on_terminal(definition, self._catalog.get("ttyd"))
            except ServiceError as error:
                log.warning("%s", error)
        service = self._service(definition.name)
        known = {**service.credentials, **service.secrets(definition.secrets)}
        url = fill_some(definition.url_template, known, lambda value: quote(value, safe=""))
        return App(
            name=definition.name,
            url_template=url or None,
            allowed_arguments=definition.allowed_arguments,
            allowed_envs=definition.allowed_envs,
        )
