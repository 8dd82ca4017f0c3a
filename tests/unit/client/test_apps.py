"""Apps and model servers, as the client asks for them and hears of them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from polykernel import (
    App,
    Completeness,
    Completion,
    Inspection,
    ModelServiceStatus,
    OptionError,
    Service,
    ServiceError,
)
from polykernel_runner.protocol import (
    AppsResult,
    Complete,
    GetApps,
    Inspect,
    IsComplete,
    Log,
    ModelServiceResult,
    ServiceResult,
    ShutdownService,
    StartModelService,
    StartService,
)

if TYPE_CHECKING:
    from polykernel import Kernel
    from polykernel_runner.protocol import Record, Request
    from support.peer import Peer


async def asked(peer: Peer, *answers: Record) -> tuple[Request, bytes | None]:
    """Answer the next request; return it and its run id."""
    request, run_id = await peer.request()
    for answer in answers:
        await peer.send(answer, run_id)
    return request, run_id


async def test_apps_are_listed(kernel: Kernel, peer: Peer) -> None:
    asking = asyncio.ensure_future(kernel.apps("jupyter"))
    request, _ = await asked(peer, AppsResult((App(name="jupyter", allowed_envs=("A",)),)))

    assert request == GetApps("jupyter")
    assert await asking == (App(name="jupyter", allowed_envs=("A",)),)


async def test_a_service_is_started_with_what_was_given(kernel: Kernel, peer: Peer) -> None:
    starting = asyncio.ensure_future(
        kernel.start_service("web", arguments={"--all": None}, envs={"A": "1"}, port=80)
    )
    request, _ = await asked(peer, ServiceResult("started", credentials={"token": "x"}))

    assert request == StartService(
        name="web", ports=(80,), arguments={"--all": None}, envs={"A": "1"}
    )
    # Of a kernel that somebody else started nobody here knows how its ports are reached.
    assert await starting == Service(name="web", credentials={"token": "x"})
    assert "credentials" not in repr(await starting)


async def test_a_failed_start_says_why(kernel: Kernel, peer: Peer) -> None:
    starting = asyncio.ensure_future(kernel.start_service("web"))
    await asked(peer, ServiceResult("failed", "no licence"))

    with pytest.raises(ServiceError, match="web did not start: no licence"):
        await starting


async def test_a_service_is_shut_down(kernel: Kernel, peer: Peer) -> None:
    await kernel.shutdown_service("web")
    assert (await peer.request())[0] == ShutdownService("web")


async def test_a_model_server_tells_of_its_health(kernel: Kernel, peer: Peer) -> None:
    starting = asyncio.ensure_future(kernel.start_model_service("m", "/m", {"port": 1}))
    request, run_id = await asked(peer, ModelServiceResult("started"))
    model = await starting
    for healthy in (True, False):
        await peer.send(ModelServiceStatus("m", is_healthy=healthy), run_id)

    assert request == StartModelService("m", "/m", {"port": 1})
    assert [(await anext(model)).is_healthy for _ in range(2)] == [True, False]


async def test_a_model_server_that_does_not_start_says_why(kernel: Kernel, peer: Peer) -> None:
    starting = asyncio.ensure_future(kernel.start_model_service("m", "/m", {}))
    await asked(peer, ModelServiceResult("failed", "no port"))

    with pytest.raises(ServiceError, match="m did not start: no port"):
        await starting


async def test_questions_about_code(kernel: Kernel, peer: Peer) -> None:
    completing = asyncio.ensure_future(kernel.complete("a", post=")"))
    assert (await asked(peer, Completion(("ab",))))[0] == Complete("a", ")")
    inspecting = asyncio.ensure_future(kernel.inspect("äb"))
    assert (await asked(peer, Inspection(found=True, text="x")))[0] == Inspect("äb", 2)
    judging = asyncio.ensure_future(kernel.is_complete("if:"))
    assert (await asked(peer, Completeness("invalid")))[0] == IsComplete("if:")

    assert (await completing).suggestions == ("ab",)
    assert (await inspecting).text == "x"
    assert (await judging).status == "invalid"


async def test_the_log_of_a_kernel_has_its_levels(
    kernel: Kernel, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "polykernel.log"):
        await peer.send(Log("careful", "WARNING"), None)
        await peer.send(Log("closely", "DEBUG"), None)
        await kernel.status()

    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, "careful"),
        (logging.DEBUG, "closely"),
    ]


async def test_a_port_that_is_not_published_has_no_address(kernel: Kernel) -> None:
    with pytest.raises(OptionError, match=r"port 80 is not published.*ports=\.\.\."):
        kernel.address(80)
