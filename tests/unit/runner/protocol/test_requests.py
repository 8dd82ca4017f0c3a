"""Requests, byte by byte, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import (
    Cancel,
    GetStatus,
    Input,
    InputEof,
    Interrupt,
    Job,
    Reset,
    RunJob,
    RunQuery,
    RunStep,
    SayHello,
    decode_request,
    encode_request,
    run_id_of,
)

if TYPE_CHECKING:
    from polykernel_runner.protocol import Request

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
