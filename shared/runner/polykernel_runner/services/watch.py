"""Watches a model server that has been started, and tells of every change of its health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from polykernel_runner.services import port
from polykernel_runner.services.instance import Instance
from polykernel_runner.services.model_definition import HealthCheck, ModelDefinition
from polykernel_runner.tasks import owned_tasks

log = logging.getLogger(__name__)


class Watch:
    """What is known of one process's health; at first nothing."""

    def __init__(
        self, model: ModelDefinition, instance: Instance, tell: Callable[[bool], None]
    ) -> None:
        self._model = model
        self._instance = instance
        self._tell = tell
        self._healthy: bool | None = None

    async def run(self) -> None:
        """Watch until it has ended, which is told at once, whatever a check waits for."""
        async with owned_tasks() as tasks:
            tasks.start(self._look())
            await self._instance.gone()
        self._set(healthy=False)

    async def _look(self) -> None:
        check = self._model.health_check
        try:
            if check is not None:
                await self._check(check)
            elif await port.until_open(self._model.port, self._instance.lives_on):
                self._set(healthy=True)
        except Exception:
            log.exception("the health of model %r is not watched any longer", self._model.name)
            self._set(healthy=False)

    async def _check(self, check: HealthCheck) -> None:
        # Only here is it known what this takes, and few models are served.
        from polykernel_runner.services import health

        clock = asyncio.get_running_loop().time
        failures = 0
        lives = True
        while lives:
            began = clock()
            fault = await health.fault(self._model.port, check)
            failures = failures + 1 if fault else 0
            if fault is None:
                self._set(healthy=True)
            elif failures > check.max_retries:
                self._set(healthy=False, why=f"{fault} at check {failures} of {check.path}")
            lives = await self._instance.lives_on(began + check.max_wait_time - clock())

    def _set(self, *, healthy: bool, why: str = "it has ended") -> None:
        if healthy == self._healthy:
            return
        self._healthy = healthy
        if healthy:
            log.info("model %r is healthy", self._model.name)
        else:
            log.warning("model %r is unhealthy: %s", self._model.name, why)
        self._tell(healthy)
