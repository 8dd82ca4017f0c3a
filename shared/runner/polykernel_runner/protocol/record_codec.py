"""The frames of records."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar, cast, get_args

import msgpack

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import app_codec, assistance
from polykernel_runner.protocol.assistance import Completeness, Completion, Inspection
from polykernel_runner.protocol.frames import Step, check_count
from polykernel_runner.protocol.json_object import encode_json
from polykernel_runner.protocol.records import (
    Finished,
    Hello,
    Html,
    Level,
    Log,
    Media,
    OtherRecord,
    Output,
    Record,
    Status,
    WaitingInput,
)

_Kind = TypeVar("_Kind", int, float, str)

_LEVELS = get_args(Level)

# What the original's clients take as JSON and not as a text of it. A record has the text.
_JSON_MEDIA = ("application/vnd.sorna.gitgraph",)

ENDING_TYPES: Mapping[Step, str] = {
    "clean": "clean-finished",
    "build": "build-finished",
    "exec": "finished",
}


def _encode_finished(record: Finished) -> bytes:
    body: dict[str, object] = {
        "exitCode": record.exit_code,
        "verdict": record.verdict,
        "wallTime": round(record.wall_time, 6),
        "cpuTime": round(record.cpu_time, 6),
        "maxRss": record.max_rss,
        "dropped": {"stdout": record.dropped_stdout, "stderr": record.dropped_stderr},
        "state": record.state,
    }
    if record.signal is not None:
        body["signal"] = record.signal
    if record.reason is not None:
        body["reason"] = record.reason
    return encode_json(body)


def _encode_hello(record: Hello) -> bytes:
    return encode_json(
        {
            "protocol": record.protocol,
            "runner": record.runner,
            "language": record.language,
            "languageVersion": record.language_version,
            "features": list(record.features),
            "limits": dict(record.limits),
            "busy": record.busy,
        }
    )


def encode_record(record: Record, run_id: bytes | None = None) -> list[bytes]:
    """Return the frames of a record; the bytes of `Output` are not copied."""
    frames = [*_record_frames(record)]
    if run_id is not None:
        frames.append(run_id)
    return frames


def _record_frames(record: Record) -> tuple[bytes, bytes]:
    match record:
        case Output():
            return record.stream.encode(), record.data
        case Media():
            return b"media", _encode_media(record)
        case Html():
            return b"html", record.text.encode("utf-8", "replace")
        case Log():
            return b"log", f"{record.level} {record.text}".encode("utf-8", "replace")
        case WaitingInput():
            return b"waiting-input", encode_json({"is_password": record.is_password})
        case Finished():
            return ENDING_TYPES[record.step].encode(), _encode_finished(record)
        case Status():
            return b"status", msgpack.packb(asdict(record))
        case Hello():
            return b"hello", _encode_hello(record)
        case Completion() | Inspection() | Completeness():
            return assistance.encode_record(record)
        case OtherRecord():
            return record.type.encode(), record.payload
        case _:
            return app_codec.encode_record(record)


def _take(body: Mapping[str, Any], key: str, kind: type[_Kind], default: _Kind | None) -> _Kind:
    value = body[key] if default is None else body.get(key, default)
    if isinstance(value, kind):
        return value
    if kind is float and type(value) is int:
        return kind(value)
    raise TypeError(f"{key!r} is a {kind.__name__}, not {value!r}")


def _encode_media(record: Media) -> bytes:
    data: object = record.data
    if record.type in _JSON_MEDIA:
        with contextlib.suppress(ValueError, RecursionError):
            data = json.loads(record.data)
    return encode_json({"type": record.type, "data": data})


def _decode_media(payload: bytes) -> Media:
    body = json.loads(payload)
    kind = _take(body, "type", str, None)
    if kind in _JSON_MEDIA and not isinstance(body["data"], str):
        return Media(kind, json.dumps(body["data"], ensure_ascii=False))
    return Media(kind, _take(body, "data", str, None))


def _decode_log(payload: bytes) -> Log:
    text = payload.decode()
    level, space, rest = text.partition(" ")
    return Log(rest, cast("Level", level)) if space and level in _LEVELS else Log(text)


def _decode_finished(step: Step, payload: bytes) -> Finished:
    body = json.loads(payload)
    dropped = body.get("dropped", {})
    code = _take(body, "exitCode", int, None)
    return Finished(
        step=step,
        exit_code=code,
        verdict=body.get("verdict", "error" if code else "ok"),
        signal=body.get("signal"),
        wall_time=_take(body, "wallTime", float, 0.0),
        cpu_time=_take(body, "cpuTime", float, 0.0),
        max_rss=_take(body, "maxRss", int, 0),
        dropped_stdout=_take(dropped, "stdout", int, 0),
        dropped_stderr=_take(dropped, "stderr", int, 0),
        state=body.get("state", "none"),
        reason=body.get("reason"),
    )


def _decode_status(payload: bytes) -> Status:
    body = msgpack.unpackb(payload)
    return Status(
        started_at=body["started_at"],
        ready=body.get("ready", True),
        running=body.get("running", False),
        queued=body.get("queued", 0),
    )


def _decode_hello(payload: bytes) -> Hello:
    body = json.loads(payload)
    return Hello(
        protocol=body["protocol"],
        runner=body["runner"],
        language=body["language"],
        language_version=body.get("languageVersion"),
        features=tuple(body.get("features", ())),
        limits=body.get("limits", {}),
        busy=body.get("busy", False),
    )


_RECORDS: Mapping[bytes, Callable[[bytes], Record]] = {
    b"stdout": lambda payload: Output("stdout", payload),
    b"stderr": lambda payload: Output("stderr", payload),
    b"media": _decode_media,
    b"html": lambda payload: Html(payload.decode()),
    b"log": _decode_log,
    b"waiting-input": lambda payload: WaitingInput(bool(json.loads(payload)["is_password"])),
    b"clean-finished": lambda payload: _decode_finished("clean", payload),
    b"build-finished": lambda payload: _decode_finished("build", payload),
    b"finished": lambda payload: _decode_finished("exec", payload),
    b"status": _decode_status,
    b"hello": _decode_hello,
    **assistance.RECORDS,
    **app_codec.RECORDS,
}
_MISFITS = (
    *(ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError),
    msgpack.UnpackException,
)


def decode_record(frames: Sequence[bytes]) -> Record:
    """Parse the frames of a record; its run id is told by `run_id_of`.

    Raises:
        ProtocolError: wrong frame count, or a payload that does not fit its type.
    """
    check_count(frames)
    parse = _RECORDS.get(frames[0])
    if parse is None:
        return OtherRecord(frames[0].decode("ascii", "backslashreplace"), frames[1])
    try:
        return parse(frames[1])
    except _MISFITS as error:
        name = frames[0].decode()
        raise ProtocolError(f"the payload of {name!r} does not fit: {error!r}") from None
