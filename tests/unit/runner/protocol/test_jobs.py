"""Jobs: msgpack and JSON, and what is refused."""

from __future__ import annotations

import json

import msgpack
import pytest

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import Job, Limits, RunJob, decode_request, encode_request


def decode(payload: bytes) -> Job:
    request = decode_request([b"run", payload])
    assert isinstance(request, RunJob)
    return request.job


FULL = Job(
    files={"main.c": b"int main\x00\xff", "src/a b.h": b""},
    args=("1", "", "ä b"),
    stdin=b"\x00\xff",
    env={"A": "b=c", "EMPTY": ""},
    limits=Limits(
        wall_time=1.5,
        cpu_time=2,
        memory=3,
        output=4,
        processes=5,
        file_size=6,
        output_action="kill",
    ),
    build="make",
    exec=False,
)


def test_a_job_is_this_msgpack() -> None:
    frames = encode_request(RunJob(Job(files={"a": b"\xff"}, limits=Limits(wall_time=2.0))), b"id")
    assert frames == [
        b"run",
        b"\x82\xa5files\x81\xa1a\xc4\x01\xff\xa6limits\x81\xa8wallTime\xcb@\x00\x00\x00\x00\x00\x00\x00",
        b"id",
    ]


@pytest.mark.parametrize("job", [Job(), Job(code=""), Job(stdin=b""), Job(build=False), FULL])
def test_a_job_comes_back_as_it_was_sent(job: Job) -> None:
    assert decode(encode_request(RunJob(job))[1]) == job


def test_the_same_job_in_json() -> None:
    body = {
        "files": {"main.c": "int main() {}", "ü/x": ""},
        "args": ["1"],
        "stdin": "ä",
        "env": {"A": "b"},
        "limits": {"wallTime": 1, "outputAction": "truncate", "memory": None},
        "build": False,
        "exec": "./run",
    }
    assert decode(b" \n" + json.dumps(body).encode()) == Job(
        files={"main.c": b"int main() {}", "ü/x": b""},
        args=("1",),
        stdin="ä".encode(),
        env={"A": "b"},
        limits=Limits(wall_time=1),
        build=False,
        exec="./run",
    )


@pytest.mark.parametrize("payload", [b"{}", b"\x80"])
def test_all_of_a_job_may_be_left_out(payload: bytes) -> None:
    assert decode(payload) == Job()


@pytest.mark.parametrize(
    ("given", "kept"), [("a/./b", "a/b"), ("a//b", "a/b"), ("./a", "a"), ("..a", "..a")]
)
def test_file_names_are_kept_tidy(given: str, kept: str) -> None:
    assert decode(json.dumps({"files": {given: "x"}}).encode()) == Job(files={kept: b"x"})


@pytest.mark.parametrize(
    "name", ["", ".", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "a\0b"]
)
def test_a_file_name_that_leaves_the_work_directory_is_refused(name: str) -> None:
    with pytest.raises(ProtocolError, match=r"file name|not a file name"):
        decode(msgpack.packb({"files": {name: b""}}))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"limit": {}}, "a job has no key 'limit'; it has files, code, args"),
        ({"limits": {"time": 1}}, "'limits' of a job has no key 'time'; it has wallTime"),
        ({"files": []}, "'files' of a job is a dict, not list"),
        ({"files": {"a": 1}}, r"files\['a'\].* is bytes or text, not int"),
        ({"code": b"x"}, "'code' of a job is a str, not bytes"),
        ({"args": "x"}, "'args' of a job is a list, not str"),
        ({"args": [1]}, "'args' of a job are texts without NUL, not 1"),
        ({"args": ["a\0"]}, "without NUL"),
        ({"stdin": 1}, "'stdin' of a job is bytes or text, not int"),
        ({"env": {"A": 1}}, "'env' of a job maps names to texts, not 'A' to 1"),
        ({"env": {"": "x"}}, "maps names to texts"),
        ({"env": {"A=B": "x"}}, "maps names to texts"),
        ({"env": {"A\0": "x"}}, "maps names to texts"),
        ({"env": {"A": "x\0"}}, "maps names to texts"),
        ({"build": None}, "'build' of a job is true, false or a shell command, not None"),
        ({"exec": 1}, "'exec' of a job is true, false or a shell command, not 1"),
        ({"exec": "a\0b"}, "'exec' of a job"),
        ([], "a job is a map"),
        (None, "a job is a map"),
    ],
)
def test_what_is_wrong_with_a_job_is_said(body: object, says: str) -> None:
    with pytest.raises(ProtocolError, match=says) as caught:
        decode(msgpack.packb(body))
    assert caught.value.step == "exec"


@pytest.mark.parametrize(
    "key", ["wallTime", "cpuTime", "memory", "output", "processes", "fileSize"]
)
@pytest.mark.parametrize("value", [0, -1, "1", True, [], float("nan"), float("inf"), -0.5])
def test_a_limit_is_a_finite_amount(key: str, value: object) -> None:
    with pytest.raises(ProtocolError, match=f"limit '{key}' cannot be"):
        decode(msgpack.packb({"limits": {key: value}}))


@pytest.mark.parametrize("key", ["memory", "output", "processes", "fileSize"])
def test_sizes_and_counts_are_whole(key: str) -> None:
    with pytest.raises(ProtocolError, match=f"limit '{key}' cannot be 1.5"):
        decode(msgpack.packb({"limits": {key: 1.5}}))


def test_what_happens_to_too_much_output_is_one_of_two() -> None:
    with pytest.raises(ProtocolError, match="limit 'outputAction' cannot be 'drop'"):
        decode(b'{"limits": {"outputAction": "drop"}}')


@pytest.mark.parametrize(
    "payload",
    [
        b'{"files": ' + b"[" * 200_000,
        b'{"files": ' + b'{"a":' * 200_000,
        b"\x91" * 200_000,
        b'{"limits": {"memory": 1' + b"0" * 4000 + b"}}",
        b'{"limits": {"wallTime": 1' + b"0" * 400 + b"}}",
        b'{"limits": {"wallTime": 1e999}}',
        b'{"limits": {"wallTime": NaN}}',
        b'{"stdin": "\\ud800"}',
        b'{"files": {"a": "\\ud800"}}',
        b'{"files": {"\\udfff": ""}}',
        b'{"args": ["\\ud800"]}',
        b'{"env": {"A": "\\ud800"}}',
        b'{"env": {"\\ud800": ""}}',
        b'{"code": "\\ud800"}',
        b'{"exec": "\\ud800"}',
        b"\xff\xfe{\x00}\x00\x00",
        b"\x81\x01\x02",
        b"\x81\xc0\xc0",
        b"\x81\x90\x90",
        b"\x80\x80",
        b"\xc1",
    ],
    ids=lambda value: repr(value[:30]),
)
def test_not_even_a_strange_payload_raises_anything_else(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(payload)
