"""The frames of requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import app_codec, assistance, jobs
from polykernel_runner.protocol.apps import (
    AppsResult,
    GetApps,
    ModelServiceResult,
    ServiceResult,
    ShutdownService,
    StartModelService,
    StartService,
)
from polykernel_runner.protocol.assistance import (
    Complete,
    Completeness,
    Completion,
    Inspect,
    Inspection,
    IsComplete,
)
from polykernel_runner.protocol.frames import Step, check_count, check_run_id
from polykernel_runner.protocol.json_object import JsonObject, encode_json, parse_json
from polykernel_runner.protocol.records import Record
from polykernel_runner.protocol.requests import (
    Cancel,
    GetStatus,
    Input,
    InputEof,
    Interrupt,
    NotifyEvent,
    Request,
    Reset,
    ResizeTerminal,
    RunJob,
    RunQuery,
    RunStep,
    SayHello,
)

_MOST_ROWS = 1000


def _command(payload: bytes) -> str:
    if b"\0" in payload:
        raise ProtocolError("a shell command has no NUL")
    return payload.decode()


def _event(payload: bytes) -> NotifyEvent:
    return NotifyEvent(JsonObject("'event'", parse_json("event", payload)).text("type"))


def _resize(payload: bytes) -> ResizeTerminal:
    body = JsonObject("'resize'", parse_json("resize", payload))
    return terminal_size(body.number("rows"), body.number("cols"))


def terminal_size(rows: int, cols: int) -> ResizeTerminal:
    """Return the request for a size; ProtocolError for one that no terminal has."""
    if not (0 < rows <= _MOST_ROWS and 0 < cols <= _MOST_ROWS):
        raise ProtocolError(
            f"a terminal has 1 to {_MOST_ROWS} rows and columns, not {rows}, {cols}"
        )
    return ResizeTerminal(rows, cols)


_REQUESTS: Mapping[bytes, Callable[[bytes], Request]] = {
    b"clean": lambda payload: RunStep("clean", _command(payload)),
    b"build": lambda payload: RunStep("build", _command(payload)),
    b"exec": lambda payload: RunStep("exec", _command(payload)),
    b"code": lambda payload: RunQuery(payload.decode()),
    b"run": lambda payload: RunJob(jobs.decode(payload)),
    b"reset": lambda _: Reset(),
    b"input": lambda payload: Input(payload.decode()),
    b"input-eof": lambda _: InputEof(),
    b"interrupt": lambda _: Interrupt(),
    b"cancel": lambda payload: Cancel(check_run_id(payload)),
    b"status": lambda _: GetStatus(),
    b"hello": lambda _: SayHello(),
    b"event": _event,
    b"resize": _resize,
    **assistance.REQUESTS,
    **app_codec.REQUESTS,
}
# The requests that are answered by an ending record even when they do not parse.
_ENDED_BY: Mapping[bytes, Step] = {
    b"clean": "clean",
    b"build": "build",
    b"exec": "exec",
    b"code": "exec",
    b"run": "exec",
}


_ANSWERS_TO_BAD: Mapping[bytes, Callable[[str], Record]] = {
    b"complete": lambda _: Completion(),
    b"inspect": lambda _: Inspection(found=False),
    b"is-complete": lambda _: Completeness("unknown"),
    b"get-apps": lambda _: AppsResult(()),
    b"start-service": lambda reason: ServiceResult("failed", reason),
    b"start-model-service": lambda reason: ModelServiceResult("failed", reason),
}


def decode_request(frames: Sequence[bytes]) -> Request:
    """Parse the frames of a request; its run id is told by `run_id_of`.

    Raises:
        ProtocolError: unknown type, wrong frame count, bad run id, bad UTF-8 or bad job. Its
            `step` is that of the ending record which the sender waits for, if any.
    """
    step = _ENDED_BY.get(frames[0]) if frames else None
    try:
        check_count(frames)
        parse = _REQUESTS.get(frames[0])
        if parse is None:
            shown = frames[0][:40].decode("ascii", "backslashreplace")
            raise ProtocolError(f"unknown request type {shown!r}")
        return parse(frames[1])
    except UnicodeDecodeError as error:
        name = frames[0].decode()
        raise ProtocolError(f"the payload of {name!r} is not UTF-8: {error}", step) from None
    except ProtocolError as error:
        raise ProtocolError(str(error), step) from None


def answer_to_bad(frames: Sequence[bytes], reason: str) -> Record | None:
    """Return what answers a request that did not parse, where its sender waits for one record.

    The requests that are answered by an ending record are told by `ProtocolError.step` instead.
    """
    make = _ANSWERS_TO_BAD.get(frames[0]) if frames else None
    return make and make(reason)


def encode_request(request: Request, run_id: bytes | None = None) -> list[bytes]:
    """Return the frames of a request."""
    frames = [*_request_frames(request)]
    if run_id is not None:
        frames.append(check_run_id(run_id))
    return frames


_WITHOUT_PAYLOAD: Mapping[type[Request], bytes] = {
    Reset: b"reset",
    InputEof: b"input-eof",
    Interrupt: b"interrupt",
    GetStatus: b"status",
    SayHello: b"hello",
}


def _request_frames(request: Request) -> tuple[bytes, bytes]:
    if name := _WITHOUT_PAYLOAD.get(type(request)):
        return name, b""
    match request:
        case RunStep():
            return request.step.encode(), request.command.encode()
        case RunQuery():
            return b"code", request.code.encode()
        case RunJob():
            return b"run", jobs.encode(request.job)
        case Input():
            return b"input", request.text.encode()
        case Cancel():
            return b"cancel", check_run_id(request.run_id)
        case NotifyEvent():
            return b"event", encode_json({"type": request.type, "data": {}})
        case ResizeTerminal():
            return b"resize", encode_json({"rows": request.rows, "cols": request.cols})
        case Complete() | Inspect() | IsComplete():
            return assistance.encode_request(request)
        case StartService() | ShutdownService() | GetApps() | StartModelService():
            return app_codec.encode_request(request)
    raise TypeError(f"{request!r} is no request")
