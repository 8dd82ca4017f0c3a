"""The unmodified client of Backend.AI asks our images for completions, apps and model servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from integration.compat.agent import Agent

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])
EACH = pytest.mark.parametrize("lang", ["c", "python"])


@PYTHON
def test_completions(agent: Agent) -> None:
    agent.query("import os")
    told = agent.ask(
        ask="completions",
        text="os.getcw",
        opts={"row": 0, "col": 8, "line": "os.getcw", "post": ""},
    )

    assert told["status"] == "finished"
    completed = {
        "os.getcw"[: told["completions"]["start"]] + text
        for text in told["completions"]["suggestions"]
    }
    assert {"os.getcwd", "os.getcwdb"} <= completed


@C
def test_completions_where_nothing_is_known(agent: Agent) -> None:
    told = agent.ask(ask="completions", text="prin", opts={})

    assert told == {"status": "finished", "completions": {"suggestions": []}}


@EACH
def test_apps_are_listed(agent: Agent, lang: str) -> None:
    told = agent.ask(ask="apps")

    names = {app["name"] for app in told["data"]}
    assert told["status"] == "done"
    assert {"sshd", "ttyd"} <= names
    assert ("jupyterlab" in names) == (lang == "python")


@PYTHON
def test_a_service_is_started_found_running_and_shut_down(agent: Agent) -> None:
    started = agent.ask(ask="start-service", name="notebook", opts={})
    again = agent.ask(ask="start-service", name="notebook", opts={})

    assert (started["status"], again["status"]) == ("started", "running")
    assert started["credentials"]["token"]
    port = agent.service_port("notebook")
    assert agent.get(port, "/api/kernels")[0] == 403
    assert agent.get(port, f"/api/kernels?token={started['credentials']['token']}")[0] == 200

    agent.ask(ask="shutdown-service", name="notebook")
    assert agent.ask(ask="start-service", name="notebook", opts={})["status"] == "started"
    agent.ask(ask="shutdown-service", name="notebook")


@PYTHON
def test_a_service_that_cannot_start_says_why(agent: Agent) -> None:
    wrong = agent.ask(
        ask="start-service", name="jupyterlab", opts={"arguments": {"--no-such": "1"}}
    )

    assert wrong["status"] == "failed"
    assert "--no-such" in wrong["error"]


@PYTHON
def test_a_model_service_is_started_and_its_health_told(agent: Agent) -> None:
    service = {
        "pre_start_actions": [
            {"action": "write_file", "args": {"filename": "health", "body": ["fine"]}}
        ],
        "start_command": ["python3", "-m", "http.server", "8123"],
        "port": 8123,
        "health_check": {
            "path": "/health",
            "max_retries": 2,
            "max_wait_time": 1,
            "expected_status_code": 200,
        },
    }
    model = {"name": "echo", "model_path": "/home/work", "service": service}

    assert agent.ask(ask="start-model-service", model=model)["status"] == "started"
    assert agent.ask(ask="next-model-status") == ["echo", "healthy"]
    agent.batch(opts={"exec": "rm health"})
    assert agent.ask(ask="next-model-status") == ["echo", "unhealthy"]
    agent.batch(opts={"exec": "touch health"})
    assert agent.ask(ask="next-model-status") == ["echo", "healthy"]
