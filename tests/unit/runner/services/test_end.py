"""Ending services: one, with all that it started, or all at once."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from polykernel_runner.protocol import ServiceResult, StartService
from support.kernels import free_ports
from support.programs import PATIENCE, eventually, processes
from support.services import SERVE, answers

if TYPE_CHECKING:
    import pytest

    from support.services import Bench

# Seconds that the end of a kernel may take its services.
CLOSE_TIME = 1.5
SERVER = " ".join(SERVE)


async def test_shutdown_ends_it_and_all_that_it_started(bench: Bench) -> None:
    script = f"setsid sleep 4719.01 & (sleep 4719.01 &); exec {SERVER}"
    bench.define("web", command=["sh", "-c", script])
    port, _ = await bench.start("web")
    assert len(processes(marked="4719.01")) >= 2
    await asyncio.wait_for(bench.services.shutdown("web"), PATIENCE)
    assert not answers(port)
    assert not processes(marked="4719.01")


async def test_shutdown_lets_it_end_by_itself(bench: Bench) -> None:
    script = f"trap 'echo bye > said; exit' TERM; {SERVER} & wait"
    bench.define("web", command=["sh", "-c", script])
    await bench.start("web")
    await bench.services.shutdown("web")
    assert (bench.work / "said").read_text() == "bye\n"


async def test_after_a_shutdown_it_can_be_started_again(bench: Bench) -> None:
    bench.define("web", command=SERVE)
    (port,) = free_ports(1)
    for _ in range(2):
        result = await bench.services.start(StartService(name="web", ports=(port,)))
        assert result == ServiceResult("started")
        await bench.services.shutdown("web")
        assert not answers(port)


async def test_a_start_that_comes_while_it_ends_waits_for_the_end(bench: Bench) -> None:
    script = f"trap 'sleep 0.2; exit' TERM; {SERVER} & wait"
    bench.define("web", command=["sh", "-c", script])
    (port,) = free_ports(1)
    request = StartService(name="web", ports=(port,))
    await bench.services.start(request)
    _, result = await asyncio.gather(bench.services.shutdown("web"), bench.services.start(request))
    assert result == ServiceResult("started")
    assert answers(port)


async def test_shutdown_ends_a_start(bench: Bench) -> None:
    bench.define("web", command=["sh", "-c", "touch up; exec sleep 4719.02"])
    starting = asyncio.create_task(bench.start("web"))
    await eventually((bench.work / "up").exists, "it starts")
    await bench.services.shutdown("web")
    _, result = await asyncio.wait_for(starting, PATIENCE)
    assert result.status == "failed"
    assert "was not started: it was shut down while it was starting" in str(result.error)
    assert not processes(marked="4719.02")


async def test_shutdown_ends_an_action(bench: Bench) -> None:
    action = {"action": "run_command", "args": {"command": ["sleep", "4719.03"]}}
    bench.define("web", command=SERVE, prestart=[action])
    starting = asyncio.create_task(bench.start("web"))
    await eventually(lambda: bool(processes(marked="4719.03")), "it starts")
    await bench.services.shutdown("web")
    assert (await asyncio.wait_for(starting, PATIENCE))[1].status == "failed"
    assert not processes(marked="4719.03")


async def test_shutdown_of_what_does_not_run_is_said(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.services.shutdown("web")
    assert "service 'web' does not run, so there is nothing to shut down" in caplog.text


async def test_all_end_together_when_the_kernel_does(bench: Bench) -> None:
    script = f"trap '' TERM; {SERVER} & setsid sleep 4719.04 & sleep 4719.04"
    for name in ("one", "two", "three"):
        bench.define(name, command=["sh", "-c", script])
        assert (await bench.start(name))[1].status == "started"
    began = time.monotonic()
    await bench.services.close()
    assert time.monotonic() - began < CLOSE_TIME
    assert not processes(marked="4719.04")
    assert "the kernel is being shut down" in str((await bench.start("one"))[1].error)
