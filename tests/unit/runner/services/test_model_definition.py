"""What the start of a model server may say."""

from __future__ import annotations

import pytest

from polykernel_runner.errors import RunnerError
from polykernel_runner.protocol import StartModelService
from polykernel_runner.services.model_definition import HealthCheck, ModelDefinition, parse

PATH = {"path": "/health"}


def model(**service: object) -> ModelDefinition:
    given = {"start_command": ["serve"], "port": 8000, **service}
    return parse(StartModelService("llm", "/models", given))


def test_what_is_not_said_is_as_with_backend_ai() -> None:
    made = model(health_check=PATH)
    assert made.health_check == HealthCheck(
        path="/health", max_retries=10, max_wait_time=15, expected_status_code=200
    )
    assert model(health_check=dict.fromkeys(made.health_check.__slots__) | PATH) == made
    assert made.service.name == "llm-8000"


@pytest.mark.parametrize("nothing", [None, {}])
def test_there_need_be_no_check_and_no_actions(nothing: object) -> None:
    made = model(health_check=nothing, pre_start_actions=None)
    assert made.health_check is None
    assert made.service.prestart == ()


def test_a_text_is_split_as_a_shell_would() -> None:
    made = model(start_command="python 'my server.py' --name \"a b\" {model_path}")
    assert made.service.command == ("python", "my server.py", "--name", "a b", "{model_path}")


def test_a_path_may_have_any_characters() -> None:
    made = model(health_check={"path": "/a b/ä?x=1&y=%20#z"})
    assert made.health_check is not None
    assert made.health_check.path == "/a%20b/%C3%A4?x=1&y=%20%23z"


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"start_command": None}, "'start_command' is a text or a list of texts, not None"),
        ({"start_command": []}, "'start_command' is a text or"),
        ({"start_command": " "}, "'start_command' is a text or"),
        ({"start_command": ["a", 1]}, "'start_command' is a text or"),
        ({"start_command": "a 'b"}, "'start_command' cannot be split into words: No closing"),
        ({"start_command": ["{no}"]}, "{no} stands for nothing here; known: model_path, ports"),
        ({"start_command": ['{"a": 1}']}, "a brace is written twice"),
        ({"port": None}, "'service' lacks 'port'"),
        ({"port": 0}, "'port' of 'service' is a number from 1 to 65535, not 0"),
        ({"port": "80"}, "'port' of 'service' is a int, not '80'"),
        ({"pre_start_actions": [{"action": "x"}]}, "action 1 of 'pre_start_actions' is 'x'; there"),
        ({"pre_start_actions": {}}, "'pre_start_actions' of 'service' is a list"),
        ({"health_check": []}, "'health_check' of 'service' is a JSON object"),
        ({"health_check": {"max_retries": 1}}, "'health_check' lacks 'path'"),
        ({"health_check": {"path": "x"}}, "'path' of 'health_check' begins with '/'"),
        ({"health_check": {**PATH, "max_retries": -1}}, "'max_retries' of 'health_check'"),
        ({"health_check": {**PATH, "max_retries": 1.5}}, "'max_retries' of 'health_check'"),
        ({"health_check": {**PATH, "max_retries": True}}, "'max_retries' of 'health_check'"),
        ({"health_check": {**PATH, "max_wait_time": 0}}, "'max_wait_time' is a number of seconds"),
        ({"health_check": {**PATH, "max_wait_time": "5"}}, "'max_wait_time' is a number"),
        ({"health_check": {**PATH, "max_wait_time": 1e300}}, "'max_wait_time' is a number"),
        ({"health_check": {**PATH, "expected_status_code": 100}}, "'expected_status_code' of"),
        ({"health_check": {**PATH, "expected_status_code": "200"}}, "'expected_status_code' of"),
    ],
)
def test_what_is_wrong_is_named(service: dict[str, object], said: str) -> None:
    with pytest.raises(RunnerError) as caught:
        model(**service)
    assert said in str(caught.value)
