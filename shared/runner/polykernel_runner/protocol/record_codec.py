"""The frames of records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import cast, get_args

import msgpack

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import app_codec, assistance, media_codec
from polykernel_runner.protocol.assistance import Completeness, Completion, Inspection
from polykernel_runner.protocol.frames import Step, check_count
from polykernel_runner.protocol.json_object import MOST_JSON, JsonObject, encode_json, parse_json
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
    State,
    Status,
    Verdict,
    WaitingInput,
)

_LEVELS = get_args(Level)
_VERDICTS = get_args(Verdict)
_STATES = get_args(State)
_MOST_EXIT_CODE = 2**31

_LONGEST_TYPE = 64
# One byte of msgpack can become sixty in memory, and `status` has a few.
_MOST_STATUS = 64 << 10

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
            return b"media", media_codec.encode(record)
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


def _decode_log(payload: bytes) -> Log:
    text = payload.decode()
    level, space, rest = text.partition(" ")
    return Log(rest, cast("Level", level)) if space and level in _LEVELS else Log(text)


def _decode_waiting_input(payload: bytes) -> WaitingInput:
    body = JsonObject("'waiting-input'", parse_json("waiting-input", payload))
    return WaitingInput(body.boolean("is_password"))


def _decode_finished(step: Step, payload: bytes) -> Finished:
    name = ENDING_TYPES[step]
    body = JsonObject(repr(name), parse_json(name, payload))
    dropped = JsonObject("'dropped'", body.mapping("dropped"))
    code = body.number("exitCode")
    if not -_MOST_EXIT_CODE <= code <= _MOST_EXIT_CODE:
        raise ProtocolError(f"'exitCode' of {name!r} is no exit code: {code!r:.80}")
    return Finished(
        step=step,
        exit_code=code,
        verdict=cast("Verdict", body.choice("verdict", _VERDICTS, "error" if code else "ok")),
        signal=body.optional_text("signal"),
        wall_time=body.seconds("wallTime", 0.0),
        cpu_time=body.seconds("cpuTime", 0.0),
        max_rss=body.count("maxRss", 0),
        dropped_stdout=dropped.count("stdout", 0),
        dropped_stderr=dropped.count("stderr", 0),
        state=cast("State", body.choice("state", _STATES, "none")),
        reason=body.optional_text("reason"),
    )


def _decode_status(payload: bytes) -> Status:
    body = JsonObject("'status'", msgpack.unpackb(payload))
    return Status(
        started_at=body.seconds("started_at"),
        ready=body.boolean("ready", default=True),
        running=body.boolean("running", default=False),
        queued=body.count("queued", 0),
    )


def _decode_hello(payload: bytes) -> Hello:
    body = JsonObject("'hello'", parse_json("hello", payload))
    return Hello(
        protocol=body.count("protocol"),
        runner=body.text("runner"),
        language=body.text("language"),
        language_version=body.optional_text("languageVersion"),
        features=body.texts("features"),
        limits=body.mapping("limits"),
        busy=body.boolean("busy", default=False),
    )


_RECORDS: Mapping[bytes, Callable[[bytes], Record]] = {
    b"stdout": lambda payload: Output("stdout", payload),
    b"stderr": lambda payload: Output("stderr", payload),
    b"media": media_codec.decode,
    b"html": lambda payload: Html(payload.decode()),
    b"log": _decode_log,
    b"waiting-input": _decode_waiting_input,
    b"clean-finished": lambda payload: _decode_finished("clean", payload),
    b"build-finished": lambda payload: _decode_finished("build", payload),
    b"finished": lambda payload: _decode_finished("exec", payload),
    b"status": _decode_status,
    b"hello": _decode_hello,
    **assistance.RECORDS,
    **app_codec.RECORDS,
}
_OF_ANY_SIZE = (b"stdout", b"stderr", b"html", b"media")
_MISFITS = (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException)


def decode_record(frames: Sequence[bytes]) -> Record:
    """Parse the frames of a record; its run id is told by `run_id_of`.

    Raises:
        ProtocolError: wrong frame count, or a payload that does not fit its type.
    """
    check_count(frames)
    parse = _RECORDS.get(frames[0])
    if parse is None:
        if len(frames[0]) > _LONGEST_TYPE:
            raise ProtocolError(f"a type has at most {_LONGEST_TYPE} bytes, not {len(frames[0])}")
        return OtherRecord(frames[0].decode("ascii", "backslashreplace"), frames[1])
    name = frames[0].decode()
    most = _MOST_STATUS if name == "status" else MOST_JSON
    if len(frames[1]) > most and frames[0] not in _OF_ANY_SIZE:
        raise ProtocolError(f"{name!r} has at most {most} bytes, not {len(frames[1])}")
    try:
        return parse(frames[1])
    except _MISFITS as error:
        # Of some errors repr() is as long as the payload.
        why = f"{type(error).__name__} {error!s:.200}".rstrip()
        raise ProtocolError(f"the payload of {name!r} does not fit: {why}") from None
