"""Service definitions as they are written."""

from __future__ import annotations

import json

import pytest

from polykernel_runner.errors import ServiceError
from polykernel_runner.services.definition import ServiceDefinition, parse
from polykernel_runner.services.prestart import (
    MakeDirectory,
    RunCommand,
    Step,
    WriteFile,
    WriteLog,
    WriteTempfile,
)

WHOLE = {
    "prestart": [
        {"action": "mkdir", "args": {"path": "x"}},
        {"action": "write_tempfile", "args": {"body": ["a = {ports[0]}\n"]}, "ref": "cfg"},
        {
            "action": "write_file",
            "args": {"filename": "f", "body": ["{cfg}"], "mode": "0600", "append": True},
        },
        {"action": "run_command", "args": {"command": ["make", "{cfg}"]}, "ref": "keys"},
        {"action": "log", "args": {"message": "done {token}", "debug": True}},
        {"action": "log", "args": {"body": "done"}},
    ],
    "command": ["{runtime_path}", "--config", "{cfg}", "--key", "{key}"],
    "env": {"A": "{token}"},
    "url_template": "{protocol}://{host}:{port}/?token={token}",
    "allowed_envs": ["B"],
    "allowed_arguments": ["--x"],
    "default_arguments": {"--y": None, "--z": "1", "--many": ["{ports[0]}", "b"]},
    "credentials": {"token": None, "key": "{keys[out]}"},
    "start_timeout": 2.5,
}


def write(**body: object) -> bytes:
    return json.dumps(body).encode()


def test_a_whole_definition() -> None:
    assert parse("web", write(**WHOLE)) == ServiceDefinition(
        name="web",
        command=("{runtime_path}", "--config", "{cfg}", "--key", "{key}"),
        url_template="{protocol}://{host}:{port}/?token={token}",
        prestart=(
            Step(MakeDirectory("x"), None),
            Step(WriteTempfile(lines=("a = {ports[0]}\n",), mode=0o644), "cfg"),
            Step(WriteFile(filename="f", lines=("{cfg}",), mode=0o600, append=True), None),
            Step(RunCommand(command=("make", "{cfg}"), echo=False), "keys"),
            Step(WriteLog("done {token}", True), None),  # noqa: FBT003 - as in the definition
            Step(WriteLog("done", False), None),  # noqa: FBT003
        ),
        env={"A": "{token}"},
        allowed_envs=("B",),
        allowed_arguments=("--x",),
        default_arguments={"--y": None, "--z": "1", "--many": ("{ports[0]}", "b")},
        credentials={"token": None, "key": "{keys[out]}"},
        start_timeout=2.5,
    )


def test_little_is_enough() -> None:
    definition = parse("web", b'{"command": ["serve"]}')
    assert definition == ServiceDefinition(name="web", command=("serve",))
    assert definition.start_timeout == 60


def test_a_body_may_be_one_text() -> None:
    text = write(command=["x"], prestart=[{"action": "write_tempfile", "args": {"body": "all"}}])
    assert parse("web", text).prestart[0].action == WriteTempfile(lines=("all",), mode=0o644)


def test_defect_26_noop_needs_no_command() -> None:
    assert parse("elsewhere", b'{"noop": true}').noop
    assert parse("elsewhere", b'{"noop": true, "command": []}').noop


def action(name: str, **args: object) -> bytes:
    return write(command=["x"], prestart=[{"action": name, "args": args}])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"command": ["\\ud800"]}', "not JSON"),
        (b"[]", "the definition is a JSON object, not list"),
        (b"{}", "lacks 'command'"),
        (write(command=[]), "lacks 'command'"),
        (write(command="serve"), "'command' of the definition is a list"),
        (write(command=["x"], comand=1), "has 'comand'; it may have allowed_arguments, "),
        (write(command=["x"], noop="no"), "'noop' of the definition is a bool"),
        (write(command=["x"], env={"A": 1}), "'A' in 'env' is no text: 1"),
        (write(command=["x"], env=["A"]), "'env' of the definition is a JSON object"),
        (write(command=["x"], credentials={"a": 1}), "'a' in 'credentials' is no text: 1"),
        (write(command=["x"], default_arguments={"a": 1}), "'a' in 'default_arguments' is null"),
        (write(command=["x"], start_timeout=0), "'start_timeout' is a number of seconds above 0"),
        (write(command=["x"], start_timeout="1"), "'start_timeout' is a number of seconds above 0"),
        (write(command=["x"], start_timeout=True), "'start_timeout' is a number of seconds"),
        (write(command=["{token}"]), "{token} stands for nothing here; known: ports, runtime_path"),
        (write(command=["{"]), "lone '{'"),
        (write(command=["x"], env={"{A}": ""}), "{A} stands for nothing"),
        (write(command=["x"], default_arguments={"a": ["{b}"]}), "{b} stands for nothing"),
        (write(command=["x"], url_template="{token}"), "'url_template': {token} stands"),
        (write(command=["x"], credentials={"a": "{b}"}), "'credentials': {b} stands"),
        (write(command=["x"], credentials={"host": None}), "'host' in 'credentials' already"),
        (write(command=["x"], credentials={"a b": None}), "'a b' in 'credentials' is no name"),
        (action("launch"), "'action' of action 1 of 'prestart' is 'launch'; there are write_file"),
        (action("mkdir", path="x", mode="7"), "action 1 of 'prestart', mkdir, has 'mode'"),
        (action("mkdir"), "action 1 of 'prestart', mkdir, lacks 'path'"),
        (action("write_file", filename="f", body=[], mode="888"), "three or four octal digits"),
        (action("write_file", filename="f", body=[1]), "'body' of"),
        (action("write_file", filename="{f}", body=[]), "action 1 of 'prestart': {f} stands"),
        (action("run_command", command=[]), "'command' of 'run_command'"),
        (action("log"), "lacks 'body'"),
        (write(command=["x"], prestart=["y"]), "action 1 of 'prestart' is a JSON object"),
        (
            write(command=["x"], prestart=[{"action": "mkdir", "args": {"path": "x"}, "re": "y"}]),
            "action 1 of 'prestart' has 're'; it may have action, args, ref",
        ),
    ],
)
def test_what_is_no_definition_is_said(text: bytes, says: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse("web", text)
    assert says in str(caught.value)


def test_a_ref_is_known_only_after_its_action() -> None:
    first = {"action": "log", "args": {"body": "{cfg}"}}
    then = {"action": "write_tempfile", "args": {"body": []}, "ref": "cfg"}
    parse("web", write(command=["x"], prestart=[then, first]))
    with pytest.raises(ServiceError, match=r"{cfg} stands for nothing"):
        parse("web", write(command=["x"], prestart=[first, then]))


def test_what_is_told_after_the_actions_is_unknown_to_them() -> None:
    made = {"action": "run_command", "args": {"command": ["make"]}, "ref": "keys"}
    said = {"action": "log", "args": {"body": "{key}"}}
    credentials = {"key": "{keys[out]}"}
    parse("web", write(command=["{key}"], prestart=[made], credentials=credentials))
    with pytest.raises(ServiceError, match=r"{key} stands for nothing"):
        parse("web", write(command=["x"], prestart=[made, said], credentials=credentials))
