"""Apps in a kernel, and model servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polykernel.errors import ServiceError
from polykernel.ports import BUILT_IN
from polykernel_runner.protocol import (
    App,
    AppProtocol,
    AppsResult,
    Argument,
    GetApps,
    ModelServiceResult,
    ModelServiceStatus,
    ServiceResult,
    ShutdownService,
    StartModelService,
    StartService,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from typing import Any

    from polykernel.connection import Connection
    from polykernel.mailbox import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An app that runs. `host`, `port` and `url` are None where its port was not published.

    `credentials` are what it asks for; a `url` has them in it where the app takes them so.
    """

    name: str
    host: str | None = None
    port: int | None = None
    url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


class ModelService:
    """A model server that was started. Iterate over it to hear when its health changes.

    async for status in model:
        print(status.is_healthy)
    """

    def __init__(self, name: str, mailbox: Mailbox) -> None:
        self.name = name
        self._mailbox = mailbox

    def __aiter__(self) -> AsyncIterator[ModelServiceStatus]:
        return self

    async def __anext__(self) -> ModelServiceStatus:
        while (record := await self._mailbox.take()) is not None:
            if isinstance(record, ModelServiceStatus):
                return record
        raise StopAsyncIteration


class Apps:
    """What a kernel can be asked about apps; heard at once, also while something runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def apps(self, name: str = "") -> tuple[App, ...]:
        """List the apps that can be started, or the one of that name."""
        answer = await self._connection.ask(GetApps(name), AppsResult)
        return answer.apps

    async def start_service(
        self,
        name: str,
        *,
        arguments: Mapping[str, Argument] | None = None,
        envs: Mapping[str, str] | None = None,
        port: int | None = None,
        protocol: AppProtocol | None = None,
    ) -> Service:
        """Start an app, or find it running; return when it can be used.

        Its port can be reached from here if it was named in `Kernel.start(services=...)`.

        Args:
            name: one of `apps()`.
            arguments: options of its command line, of those it allows.
            envs: environment variables, of those it allows.
            port: where it shall listen; what the image says, if None.
            protocol: likewise.

        Raises:
            ServiceError: it did not start; the text says why.
        """
        # What an image built on ours says in its label alone, its runner does not know.
        told = {} if name in BUILT_IN else self._connection.published.services
        request = StartService(
            name=name,
            ports=told.get(name, ()) if port is None else (port,),
            protocol=protocol,
            arguments=arguments or {},
            envs=envs or {},
        )
        result = await self._connection.ask(request, ServiceResult)
        if result.status == "failed":
            raise ServiceError(f"{name} did not start: {result.error or 'nobody knows why'}")
        address = self._connection.published.address(name)
        if address is None:
            return Service(name=name, credentials=result.credentials)
        templates = [app.url_template for app in await self.apps(name)]
        url = _fill(templates[0] or "", *address) if templates else ""
        return Service(
            name=name,
            host=address[0],
            port=address[1],
            url=url or None,
            credentials=result.credentials,
        )

    async def shutdown_service(self, name: str) -> None:
        """Stop an app or a model server, with all that it started."""
        await self._connection.post(ShutdownService(name))

    async def start_model_service(
        self, name: str, model_path: str, service: Mapping[str, Any]
    ) -> ModelService:
        """Start a model server and watch its health.

        Args:
            name: the model's.
            model_path: the directory in the container that it is started in.
            service: `pre_start_actions`, `start_command`, `port` and `health_check` (`path`,
                `max_retries`, `max_wait_time` in seconds, `expected_status_code`).

        Raises:
            ServiceError: it did not start; the text says why.
        """
        connection = self._connection
        request_id, mailbox = connection.open(lambda _: False)
        request = StartModelService(name, model_path, service)
        connection.post(request, request_id)
        while not isinstance(record := await mailbox.take(), ModelServiceResult):
            pass
        if record.status == "failed":
            raise ServiceError(f"{name} did not start: {record.error or 'nobody knows why'}")
        return ModelService(name, mailbox)


def _fill(template: str, host: str, port: int) -> str:
    for name, value in (("protocol", "http"), ("host", host), ("port", str(port))):
        template = template.replace(f"{{{name}}}", value)
    return template
