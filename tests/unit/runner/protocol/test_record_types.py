"""A record that decodes holds what its dataclass promises, whatever its sender put there."""

from __future__ import annotations

import json

import msgpack
import pytest

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import Media, decode_record
from support.types import misfits

LEAVES: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 1.5, -0.5, 2**31, 2**63, 10**19, 10**400, 1e308, float("inf"),
    float("-inf"), float("nan"), "", "x", "ok", "kept", "\ud800", "1", [], {}, [1], ["x"], [None],
    {"a": 1}, {"stdout": -1}, {"stdout": True}, {"stdout": "1"},
)  # fmt: skip
ENDING = {
    "exitCode": 0,
    "verdict": "ok",
    "signal": "SIGKILL",
    "wallTime": 1.5,
    "cpuTime": 1,
    "maxRss": 1,
    "dropped": {"stdout": 1, "stderr": 2},
    "state": "kept",
    "reason": "because",
}
STATUS: dict[str, object] = {"started_at": 1.5, "ready": True, "running": False, "queued": 1}
HELLO = {
    "protocol": 2,
    "runner": "1",
    "language": "c",
    "languageVersion": "14",
    "features": ["batch"],
    "limits": {"memory": 1},
    "busy": False,
}
BODIES: dict[str, dict[str, object]] = {
    "clean-finished": ENDING,
    "build-finished": ENDING,
    "finished": ENDING,
    "status": STATUS,
    "hello": HELLO,
    "waiting-input": {"is_password": True},
    "media": {"type": "image/png", "data": "x"},
    "completion": {"suggestions": ["a"], "start": 0, "end": 1},
    "inspection": {"found": True, "text": "x", "html": "x"},
    "completeness": {"status": "complete", "indent": " "},
    "service-result": {"status": "started", "error": "x", "credentials": {"a": "b"}},
    "model-service-result": {"status": "failed", "error": "x"},
    "model-service-status": {"model_name": "m", "is_healthy": True},
    "apps-result": {"data": [{"name": "x", "url_template": "y", "allowed_envs": ["a"]}]},
}


def packed(kind: str, body: object) -> bytes:
    try:
        made: bytes = msgpack.packb(body, unicode_errors="surrogatepass")
    except OverflowError:
        made = b"\xc1"
    return made if kind == "status" else json.dumps(body).encode()


def accepted(kind: str, key: str) -> list[object]:
    """What a field takes of all that may be in it; the rest is refused."""
    fine = []
    for leaf in LEAVES:
        try:
            record = decode_record([kind.encode(), packed(kind, {**BODIES[kind], key: leaf})])
        except ProtocolError:
            continue
        assert misfits(record) == [], (kind, key, leaf)
        fine.append(leaf)
    return fine


FIELDS = [(kind, key) for kind, body in BODIES.items() for key in body]


@pytest.mark.parametrize(("kind", "key"), FIELDS)
def test_no_field_takes_what_is_of_another_type(kind: str, key: str) -> None:
    assert len(accepted(kind, key)) < len(LEAVES) - 5


@pytest.mark.parametrize(
    ("key", "fine"),
    [
        ("exitCode", [0, 1, -1, 2**31]),
        ("verdict", [None, "ok"]),
        ("state", [None, "kept"]),
        ("wallTime", [None, 0, 1, 1.5, 2**31]),
        ("maxRss", [None, 0, 1, 2**31]),
        ("signal", [None, "", "x", "ok", "kept", "1"]),
        ("reason", [None, "", "x", "ok", "kept", "1"]),
    ],
)
def test_each_field_of_an_ending_takes_just_this(key: str, fine: list[object]) -> None:
    found = accepted("finished", key)

    # True is equal to 1, and is not what is meant.
    assert [(type(item), item) for item in found] == [(type(item), item) for item in fine]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("finished", {**ENDING, "verdict": "great"}, "'verdict' of 'finished' is one of ok, error"),
        ("finished", {**ENDING, "exitCode": True}, "'exitCode' of 'finished'"),
        ("finished", {**ENDING, "exitCode": 2**40}, "'exitCode' of 'finished' is no exit code"),
        ("finished", {**ENDING, "cpuTime": float("nan")}, "'cpuTime' of 'finished' is a time"),
        ("finished", {**ENDING, "maxRss": -1}, "'maxRss' of 'finished' is a count"),
        ("finished", {**ENDING, "dropped": {"stderr": 0.5}}, "'stderr' of 'dropped'"),
        ("status", {**STATUS, "ready": 1}, "'ready' of 'status'"),
        ("hello", {**HELLO, "features": [1]}, "'features' of 'hello' is a list of texts"),
        ("service-result", {"status": "started", "credentials": {"a": 1}}, "'credentials'"),
    ],
)
def test_what_is_refused_is_named(kind: str, body: object, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        decode_record([kind.encode(), packed(kind, body)])


def test_a_record_of_few_fields_cannot_be_large() -> None:
    for kind, payload in (
        (b"finished", b'{"exitCode":0,"x":[' + b"[]," * 3_000_000 + b"0]}"),
        (b"status", b"\xdd\x00\x02\x00\x00" + b"\x90" * (2 << 16)),
        (b"log", b"x" * (9 << 20)),
        (b"x" * 65, b""),
        (b"media", b'{"type":"x","x":[' + b"[]," * 3_000_000 + b'0],"data":""}'),
        (b"media", b'{"type":"x","data":"' + b"x" * (9 << 20) + b'","x":[]}'),
        (b"media", b'{"type":"x","data":"\\ud800' + b"x" * (9 << 20) + b'"}'),
    ):
        with pytest.raises(ProtocolError):
            decode_record([kind, payload])


@pytest.mark.parametrize("between", ["", " "])
def test_a_large_picture_is_read_as_a_small_one(between: str) -> None:
    text = '<svg a="\\">ä\n' + "x" * (9 << 20)
    for kind in ("image/svg+xml", "application/vnd.sorna.gitgraph"):
        payload = json.dumps(
            {"type": kind, "data": text}, separators=("," + between, ":" + between)
        )

        assert decode_record([b"media", payload.encode()]) == Media(kind, text)
