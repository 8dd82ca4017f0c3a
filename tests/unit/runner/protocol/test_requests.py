"""Requests, byte by byte, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import (
    Cancel,
    Complete,
    Completion,
    GetApps,
    GetStatus,
    Input,
    InputEof,
    Inspect,
    Interrupt,
    IsComplete,
    Job,
    NotifyEvent,
    Record,
    Reset,
    ResizeTerminal,
    RunJob,
    RunQuery,
    RunStep,
    SayHello,
    ServiceResult,
    ShutdownService,
    StartModelService,
    StartService,
    answer_to_bad,
    decode_request,
    encode_request,
    run_id_of,
)

if TYPE_CHECKING:
    from polykernel_runner.protocol import Request

MINIMAL_START = b'{"name":"jupyter","options":{"arguments":{},"envs":{}}}'
FULL_START = (
    b'{"name":"web","options":{"arguments":{"--all":null,"--root":"/","--dirs":["a","b"]},'
    b'"envs":{"A":"1"}},"port":8080,"ports":[8080,8081],"protocol":"http"}'
)
STARTED_IN_FULL = StartService(
    name="web",
    ports=(8080, 8081),
    protocol="http",
    arguments={"--all": None, "--root": "/", "--dirs": ("a", "b")},
    envs={"A": "1"},
)
MODEL_START = b'{"name":"m","model_path":"/models/m","service":{"port":8000}}'

REQUESTS: list[tuple[list[bytes], Request]] = [
    ([b"clean", b"*"], RunStep("clean", "*")),
    ([b"build", b"make -j2"], RunStep("build", "make -j2")),
    ([b"exec", b""], RunStep("exec", "")),
    ([b"exec", b"echo \xc3\xa4"], RunStep("exec", "echo ä")),
    ([b"code", b"print(1)\n"], RunQuery("print(1)\n")),
    ([b"input", b"Ada"], Input("Ada")),
    ([b"input", b""], Input("")),
    ([b"interrupt", b""], Interrupt()),
    ([b"status", b""], GetStatus()),
    ([b"hello", b""], SayHello()),
    ([b"cancel", b"\x00\xff"], Cancel(b"\x00\xff")),
    ([b"reset", b""], Reset()),
    ([b"input-eof", b""], InputEof()),
    ([b"complete", b'{"code":"pri","post":")"}'], Complete("pri", ")")),
    ([b"inspect", b'{"code":"len","cursor":2}'], Inspect("len", 2)),
    ([b"is-complete", b'{"code":"if 1:"}'], IsComplete("if 1:")),
    ([b"event", b'{"type":"oom","data":{}}'], NotifyEvent("oom")),
    ([b"resize", b'{"rows":24,"cols":80}'], ResizeTerminal(24, 80)),
    ([b"get-apps", b""], GetApps()),
    ([b"get-apps", b"jupyter"], GetApps("jupyter")),
    ([b"shutdown-service", b'"jupyter"'], ShutdownService("jupyter")),
    ([b"start-service", MINIMAL_START], StartService(name="jupyter")),
    ([b"start-service", FULL_START], STARTED_IN_FULL),
    ([b"start-model-service", MODEL_START], StartModelService("m", "/models/m", {"port": 8000})),
    ([b"run", b"\x81\xa6limits\x80"], RunJob(Job())),
    ([b"run", b"\x82\xa4code\xa11\xa6limits\x80"], RunJob(Job(code="1"))),
]


@pytest.mark.parametrize(("frames", "request_"), REQUESTS, ids=lambda value: str(value)[:40])
def test_requests_are_these_bytes(frames: list[bytes], request_: Request) -> None:
    assert decode_request(frames) == request_
    assert encode_request(request_) == frames


@pytest.mark.parametrize(("frames", "request_"), REQUESTS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("run_id", [b"7", b"\x00" * 64])
def test_a_third_frame_is_the_run_id(frames: list[bytes], request_: Request, run_id: bytes) -> None:
    assert encode_request(request_, run_id) == [*frames, run_id]
    assert decode_request([*frames, run_id]) == request_
    assert run_id_of([*frames, run_id]) == run_id
    assert run_id_of(frames) is None


@pytest.mark.parametrize("run_id", [b"", b"x" * 65])
def test_a_run_id_has_1_to_64_bytes(run_id: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"a run id has 1 to 64 bytes, this one (0|65)"):
        decode_request([b"status", b"", run_id])
    with pytest.raises(ProtocolError, match="1 to 64"):
        encode_request(GetStatus(), run_id)
    with pytest.raises(ProtocolError, match="1 to 64"):
        decode_request([b"cancel", run_id])
    with pytest.raises(ProtocolError, match="1 to 64"):
        encode_request(Cancel(run_id))
    assert run_id_of([b"status", b"", run_id]) is None


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        ([], "two or three frames, this one 0"),
        ([b"status"], "two or three frames, this one 1"),
        ([b"status", b"", b"id", b"more"], "two or three frames, this one 4"),
        ([b"sing", b""], "unknown request type 'sing'"),
        ([b"", b""], "unknown request type ''"),
        ([b"STATUS", b""], "unknown request type 'STATUS'"),
        ([b"\xff\xfe", b""], r"unknown request type '\\\\xff\\\\xfe'"),
        ([b"x" * 1000, b""], f"unknown request type '{'x' * 40}'$"),
        ([b"exec", b"\xff"], "the payload of 'exec' is not UTF-8"),
        ([b"exec", b"a\0b"], "a shell command has no NUL"),
        ([b"code", b"\xed\xa0\x80"], "the payload of 'code' is not UTF-8"),
        ([b"input", b"\xc3"], "the payload of 'input' is not UTF-8"),
        ([b"run", b"{"], "a job is msgpack or JSON"),
        ([b"run", b""], "a job is msgpack or JSON"),
    ],
)
def test_what_fits_neither_part_is_said(frames: list[bytes], says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        decode_request(frames)


@pytest.mark.parametrize(
    ("frames", "step"),
    [
        ([b"clean", b"\xff"], "clean"),
        ([b"build", b"\xff"], "build"),
        ([b"exec", b"\xff"], "exec"),
        ([b"code", b"\xff"], "exec"),
        ([b"run", b"\xc1"], "exec"),
        ([b"exec"], "exec"),
        ([b"exec", b"true", b""], "exec"),
        ([b"input", b"\xff"], None),
        ([b"sing", b""], None),
        ([], None),
    ],
)
def test_an_error_knows_which_ending_its_sender_waits_for(
    frames: list[bytes], step: str | None
) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_request(frames)
    assert caught.value.step == step


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        ([b"complete", b"{"], "'complete' is not JSON"),
        ([b"complete", b"[]"], "'complete' is a JSON object, not list"),
        ([b"complete", b"{}"], "'complete' lacks 'code'"),
        ([b"complete", b'{"code":1}'], "'code' of 'complete' is a str, not 1"),
        ([b"complete", b'{"code":"\\ud800"}'], "'complete' is not JSON"),
        ([b"inspect", b'{"code":"a","cursor":2}'], "'cursor' is within the 1 char"),
        ([b"inspect", b'{"code":"a","cursor":true}'], "is a int, not True"),
        ([b"event", b"{}"], "'event' lacks 'type'"),
        ([b"resize", b'{"rows":0,"cols":80}'], "1 to 1000 rows"),
        ([b"shutdown-service", b"{}"], "a name as a JSON string"),
        ([b"start-service", b'{"name":"a","port":"80"}'], "is a int, not '80'"),
        ([b"start-service", b'{"name":"a","ports":[0]}'], "numbers from 1 to 65535"),
        ([b"start-service", b'{"name":"a","protocol":"udp"}'], "tcp, http, preopen, pty"),
        ([b"start-service", b'{"name":"a","options":{"envs":{"A":1}}}'], "texts without NUL"),
        ([b"start-service", b'{"name":"a","options":{"arguments":{"-a":1}}}'], "argument '-a'"),
        ([b"start-model-service", b'{"name":"a"}'], "lacks 'model_path'"),
    ],
)
def test_a_bad_payload_is_named(frames: list[bytes], says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        decode_request(frames)


def test_what_the_agent_sends_is_understood() -> None:
    sent = b'{"code":"imp","row":0,"col":3,"line":"imp","post":""}'
    assert decode_request([b"complete", sent]) == Complete("imp")
    sent = b'{"name":"a","port":80,"ports":[80],"protocol":"tcp","options":{}}'
    assert decode_request([b"start-service", sent]) == StartService(
        name="a", ports=(80,), protocol="tcp"
    )


@pytest.mark.parametrize(
    ("type_", "answer"),
    [
        (b"complete", Completion()),
        (b"start-service", ServiceResult("failed", "why")),
        (b"event", None),
    ],
)
def test_who_waits_for_one_record_gets_one_for_a_bad_request(
    type_: bytes, answer: Record | None
) -> None:
    assert answer_to_bad([type_, b"{"], "why") == answer
