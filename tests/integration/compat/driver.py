"""Drives one kernel by the unmodified Backend.AI agent. Runs in the agent's own environment.

    python driver.py HOST REPL_IN_PORT REPL_OUT_PORT

Reads requests from stdin and writes an answer for each to stdout, one JSON text a line.
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

API_VERSION = 4
FLUSH_TIMEOUT = 0.2  # seconds until the agent answers "continued" with the output so far


class EventProducer:
    """Where the agent tells of events, that nobody here listens to."""

    async def produce_event(self, event: object) -> None:
        """Take one."""


async def connect(host: str, repl_in_port: int, repl_out_port: int) -> Any:  # noqa: ANN401
    kernel = await DockerKernel.new(
        *(uuid.uuid4(), uuid.uuid4(), "i-test", None, 1),
        agent_config={},
        resource_spec=None,
        service_ports=[],
        environ={},
        data={},
    )
    kernel.runner = await DockerCodeRunner.new(
        kernel.kernel_id,
        kernel.session_id,
        EventProducer(),
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


async def answer(kernel: Any, request: dict[str, Any]) -> object:  # noqa: ANN401
    match request["ask"]:
        case "execute":
            return await execute(kernel, request)
        case "status":
            return await kernel.check_status()
        case "event":
            return await kernel.notify_event(AgentEventData(request["type"], request["data"]))
        case unknown:
            raise ValueError(f"nobody here knows how to {unknown}")


async def main(host: str, repl_in_port: str, repl_out_port: str) -> None:
    kernel = await connect(host, int(repl_in_port), int(repl_out_port))
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await answer(kernel, json.loads(line))), flush=True)  # noqa: T201
    await kernel.runner.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
