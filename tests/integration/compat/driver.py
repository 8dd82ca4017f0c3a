"""Drives one kernel by the unmodified Backend.AI agent. Runs in the agent's own environment.

    python driver.py HOST REPL_IN_PORT REPL_OUT_PORT SERVICE_PORTS

SERVICE_PORTS is what the image's label says of them. Reads requests from stdin and writes an
answer for each to stdout, one JSON text a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from typing import Any

from ai.backend.agent.docker.kernel import (  # type: ignore[import-not-found]
    DockerCodeRunner,
    DockerKernel,
)
from ai.backend.agent.kernel import default_client_features  # type: ignore[import-not-found]
from ai.backend.agent.types import AgentEventData  # type: ignore[import-not-found]
from ai.backend.common.events import ModelServiceStatusEvent  # type: ignore[import-not-found]
from ai.backend.common.service_ports import (  # type: ignore[import-not-found]
    parse_service_ports,
)

API_VERSION = 4
FLUSH_TIMEOUT = 0.2  # seconds until the agent answers "continued" with the output so far


class EventProducer:
    """Where the agent tells of events; of models' health is kept what it tells."""

    def __init__(self) -> None:
        self.models: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def produce_event(self, event: object) -> None:
        """Take one."""
        if isinstance(event, ModelServiceStatusEvent):
            self.models.put_nowait((event.model_name, event.new_status.value))


async def connect(
    host: str, repl_in_port: int, repl_out_port: int, service_ports: str, producer: EventProducer
) -> Any:  # noqa: ANN401
    kernel = await DockerKernel.new(
        *(uuid.uuid4(), uuid.uuid4(), "i-test", None, 1),
        agent_config={},
        resource_spec=None,
        service_ports=parse_service_ports(service_ports, "") if service_ports else [],
        environ={},
        data={},
    )
    kernel.runner = await DockerCodeRunner.new(
        kernel.kernel_id,
        kernel.session_id,
        producer,
        kernel_host=host,
        repl_in_port=repl_in_port,
        repl_out_port=repl_out_port,
        exec_timeout=0,
        client_features=default_client_features,
    )
    return kernel


async def execute(kernel: Any, request: dict[str, Any]) -> list[Any]:  # noqa: ANN401
    """Do one run as a user's client does: ask on until it has ended; return all that was told.

    `answers` are typed one after the other when input is waited for. When the text `at` was
    printed, the agent is asked for the kernel's status and told to interrupt it.
    """
    run_id, mode, text = uuid.uuid4().hex, request["mode"], request.get("text", "")
    answers, at, printed = iter(request.get("answers", ())), request.get("at"), ""
    results: list[Any] = []
    while not results or results[-1]["status"] != "finished":
        result = await kernel.execute(
            run_id,
            mode,
            text,
            opts=request.get("opts", {}),
            api_version=API_VERSION,
            flush_timeout=FLUSH_TIMEOUT,
        )
        if kernel.runner.read_task.done():
            raise RuntimeError("the agent's reader could not read a record, and has ended")
        results.append(result)
        mode, text = "continue", ""
        if result["status"] == "waiting-input":
            mode, text = "input", next(answers)
        printed += "".join(str(data) for _, data in result["console"])
        if at and at in printed:
            result["kernelStatus"] = await kernel.check_status()
            await kernel.interrupt_kernel()
            at = None
    return results


async def answer(  # noqa: PLR0911
    kernel: Any,  # noqa: ANN401
    request: dict[str, Any],
    producer: EventProducer,
) -> object:
    match request["ask"]:
        case "execute":
            return await execute(kernel, request)
        case "status":
            return await kernel.check_status()
        case "event":
            return await kernel.notify_event(AgentEventData(request["type"], request["data"]))
        case "completions":
            return await kernel.get_completions(request["text"], request["opts"])
        case "apps":
            return await kernel.get_service_apps()
        case "start-service":
            return await kernel.start_service(request["name"], request["opts"])
        case "shutdown-service":
            return await kernel.shutdown_service(request["name"])
        case "start-model-service":
            return await kernel.start_model_service(request["model"])
        case "next-model-status":
            return await asyncio.wait_for(producer.models.get(), 60)
        case unknown:
            raise ValueError(f"nobody here knows how to {unknown}")


async def main(host: str, repl_in_port: str, repl_out_port: str, service_ports: str) -> None:
    producer = EventProducer()
    kernel = await connect(host, int(repl_in_port), int(repl_out_port), service_ports, producer)
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = await answer(kernel, json.loads(line), producer)
        print(json.dumps(told), flush=True)  # noqa: T201
    await kernel.runner.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
