"""Where requests that concern services come in, and their answers go out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from polykernel_runner.channel import Channel
from polykernel_runner.outbox import Outbox
from polykernel_runner.protocol import (
    GetApps,
    ModelServiceResult,
    Request,
    ServiceResult,
    ShutdownService,
    StartModelService,
    StartService,
)
from polykernel_runner.runtime import Runtime
from polykernel_runner.tasks import OwnedTasks

if TYPE_CHECKING:
    from polykernel_runner.services.supervisor import Services

log = logging.getLogger(__name__)

# Seconds. An agent of part 1 waits for ten, and takes an answer that comes later for the next
# one's. Its requests are those without a run id.
AGENT_PATIENCE = 9.0
LAST_WORD_TIME = 0.2


class ServiceDesk:
    """Answers each start once, whatever happens; `close` ends what was started."""

    def __init__(self, runtime: Runtime, channel: Channel, outbox: Outbox) -> None:
        self._runtime = runtime
        self._channel = channel
        self._outbox = outbox
        self._work = OwnedTasks()
        self._made: Services | None = None
        # Whether a service was ever started, which may have left something running.
        self.in_use = False
        self.handlers: Mapping[type[Request], Callable[[Any, bytes | None], None]] = {
            StartService: lambda request, run_id: self._do(self._start(request, run_id)),
            StartModelService: lambda request, run_id: self._do(self._start_model(request, run_id)),
            ShutdownService: lambda request, _: self._do(self._services.shutdown(request.name)),
            GetApps: self._list,
        }

    async def join_cluster(self) -> None:
        """Start sshd, which the other nodes of a cluster rely on; a failure is logged."""
        self.in_use = True
        await self._services.start(StartService(name="sshd"))

    async def close(self) -> None:
        """End all services, and answer the starts that this cuts short."""
        if self._made is not None:
            await self._made.close()
        await self._work.finish(LAST_WORD_TIME)

    @property
    def _services(self) -> Services:
        if self._made is None:
            # Only here is it known what this takes, and few kernels have services.
            from polykernel_runner.services.supervisor import Services

            self._made = Services(self._runtime, self._outbox.put)
        return self._made

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._work.start(work)

    async def _start(self, request: StartService, run_id: bytes | None) -> None:
        self.in_use = True
        patience = AGENT_PATIENCE if run_id is None else None
        try:
            result = await self._services.start(request, patience)
        except Exception as error:
            log.exception("service %r", request.name)
            result = ServiceResult("failed", f"the runner failed: {error!r}")
        await self._channel.send(result, run_id)

    async def _start_model(self, request: StartModelService, run_id: bytes | None) -> None:
        self.in_use = True
        patience = AGENT_PATIENCE if run_id is None else None
        answered = asyncio.Event()
        try:
            models = self._services.models
            result = await models.start(request, run_id, answered, patience)
        except Exception as error:
            log.exception("model %r", request.name)
            result = ModelServiceResult("failed", f"the runner failed: {error!r}")
        await self._channel.send(result, run_id)
        answered.set()

    def _list(self, request: GetApps, run_id: bytes | None) -> None:
        self._outbox.put(self._services.apps(request.name), run_id)
