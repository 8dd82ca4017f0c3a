"""Starting model servers: what a start fails for, and what it is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from polykernel_runner.protocol import (
    ModelServiceResult,
    ModelServiceStatus,
    ServiceResult,
    StartModelService,
    StartService,
)
from support.kernels import free_ports
from support.programs import PATIENCE, eventually, processes
from support.services import SERVE

if TYPE_CHECKING:
    from support.services import Bench

STARTED = ModelServiceResult("started")
CHECK = {"path": "/", "max_retries": 1, "max_wait_time": 0.1}


async def start(
    bench: Bench,
    name: str = "llm",
    *,
    model_path: str = "",
    patience: float | None = None,
    **service: Any,  # noqa: ANN401 - what is in JSON
) -> ModelServiceResult:
    """Start a model server, by default in the work directory; its health is told from then on."""
    given = {"start_command": SERVE, "port": free_ports(1)[0], **service}
    request = StartModelService(name, model_path or str(bench.work), given)
    answered = asyncio.Event()
    answered.set()
    return await bench.services.models.start(request, None, answered, patience)


async def refused(bench: Bench, **what: Any) -> str:  # noqa: ANN401 - what is in JSON
    result = await start(bench, **what)
    assert result.status == "failed"
    assert not bench.told, "nothing is told of the health of what was not started"
    return str(result.error)


async def until_healthy(bench: Bench) -> None:
    await eventually(lambda: bool(bench.told), "its health is told")
    assert bench.told == [ModelServiceStatus("llm", is_healthy=True)]


async def test_it_runs_in_the_model_s_directory(bench: Bench) -> None:
    directory = bench.work / "my model"
    directory.mkdir()
    script = "echo {model_path} {ports[0]} > got; exec " + " ".join(SERVE)
    (port,) = free_ports(1)
    result = await start(
        bench, port=port, model_path=str(directory), start_command=["sh", "-c", script]
    )
    assert result == STARTED
    assert (directory / "got").read_text() == f"{directory} {port}\n"


async def test_a_relative_model_path_is_below_the_work_directory(bench: Bench) -> None:
    (bench.work / "model").mkdir()
    result = await start(bench, model_path="model", start_command="sh -c 'pwd > pwd; sleep 600'")
    assert result == STARTED
    assert (bench.work / "model/pwd").read_text() == f"{bench.work}/model\n"


@pytest.mark.parametrize("path", ["/no/such/place", "file"])
async def test_a_model_path_must_be_a_directory(bench: Bench, path: str) -> None:
    (bench.work / "file").touch()
    error = await refused(bench, model_path=path)
    assert error == (
        f"model 'llm' was not started: 'model_path' is no directory that the user can reach: "
        f"{bench.work / path}"
    )


async def test_actions_are_done_before_it(bench: Bench) -> None:
    actions = [
        {"action": "run_command", "args": {"command": ["echo", "hi"]}, "ref": "said"},
        {"action": "write_file", "args": {"filename": "{model_path}/x", "body": "{said[out]}"}},
    ]
    result = await start(bench, pre_start_actions=actions, start_command="sh -c 'mv x y; sleep 9'")
    assert result == STARTED
    assert (bench.work / "y").read_text() == "hi\n\n"


async def test_an_action_that_fails_is_told(bench: Bench) -> None:
    action = {"action": "run_command", "args": {"command": ["sh", "-c", "echo no >&2; exit 2"]}}
    error = await refused(bench, pre_start_actions=[action])
    assert "action 1 of 'pre_start_actions' failed: sh -c 'echo no >&2; exit 2' " in error
    assert error.endswith("ended with exit code 2; its last lines:\nno")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/no/such/program"], "/no/such/program"),
        (["sh", "-c", "echo no model >&2; exit 3"], "ended with exit code 3; its last lines:\nno"),
        (["sh", "-c", "kill -9 $$"], "was ended by SIGKILL"),
    ],
)
async def test_what_dies_at_once_is_told_at_once(
    bench: Bench, command: list[str], said: str
) -> None:
    assert said in await refused(bench, start_command=command, health_check=CHECK)


async def test_bad_values_are_told(bench: Bench) -> None:
    error = await refused(bench, health_check={"path": "/", "max_wait_time": "long"})
    assert error.startswith("model 'llm' was not started: 'max_wait_time' is a number of seconds")


async def test_a_taken_port_is_told(bench: Bench) -> None:
    bench.define("web", command=SERVE)
    port, _ = await bench.start("web")
    assert f"port {port} is taken by another program" in await refused(bench, port=port)


@pytest.mark.parametrize("name", ["a/b", "../../x", "..", "ü" * 100, "a\nb\0c", "x" * 300])
async def test_a_name_may_have_any_characters(bench: Bench, name: str) -> None:
    action = {
        "action": "write_tempfile",
        "args": {"body": "echo $0 > ran; exec sleep 600"},
        "ref": "file",
    }
    result = await start(bench, name, pre_start_actions=[action], start_command="sh {file}")
    assert result == STARTED
    file = (bench.work / "ran").read_text().strip()
    private = bench.runtime.workspace.private("")
    assert file.startswith(f"{private}service-")
    assert "/" not in file.removeprefix(private).removesuffix("/1.py")


async def test_an_agent_gets_its_answer_while_it_waits_for_one(bench: Bench) -> None:
    wait = "while ! [ -e go ]; do sleep 0.01; done"
    slow: dict[str, Any] = {
        "pre_start_actions": [{"action": "run_command", "args": {"command": ["sh", "-c", wait]}}],
        "port": free_ports(1)[0],
    }
    answer = await start(bench, patience=0.1, **slow)
    assert answer.error == "model 'llm' is still starting; ask again"
    again = asyncio.create_task(start(bench, patience=PATIENCE, **slow))
    (bench.work / "go").touch()
    assert await again == STARTED
    await until_healthy(bench)


async def test_a_shutdown_ends_its_actions(bench: Bench) -> None:
    action = {"action": "run_command", "args": {"command": ["sleep", "4722.01"]}}
    starting = asyncio.create_task(start(bench, pre_start_actions=[action]))
    await eventually(lambda: bool(processes(marked="4722.01")), "it starts")
    await bench.services.shutdown("llm")
    assert "it was shut down while it was starting" in str((await starting).error)
    assert not processes(marked="4722.01")


async def test_a_start_that_comes_while_it_ends_waits_for_the_end(bench: Bench) -> None:
    port = free_ports(1)[0]
    assert await start(bench, port=port) == STARTED
    _, result = await asyncio.gather(bench.services.shutdown("llm"), start(bench, port=port))
    assert result == STARTED


async def test_nothing_is_started_while_the_kernel_ends(bench: Bench) -> None:
    await bench.services.close()
    assert "the kernel is being shut down" in await refused(bench)


async def test_a_shutdown_may_come_before_the_first_step_of_a_start(bench: Bench) -> None:
    bench.define("web", command=SERVE)
    starts = (
        bench.services.start(StartService(name="web", ports=tuple(free_ports(1)))),
        start(bench),
    )
    app, model, *_ = await asyncio.gather(
        *starts, bench.services.shutdown("web"), bench.services.shutdown("llm")
    )
    text = "the service was not started: it was shut down while it was starting"
    assert app == ServiceResult("failed", text)
    assert model == ModelServiceResult("failed", text)
    assert not bench.told
