"""What helps who writes code: completion, inspection, completeness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, cast, get_args

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol.json_object import JsonObject, encode_json, parse_json

CompletenessStatus: TypeAlias = Literal["complete", "incomplete", "invalid", "unknown"]


@dataclass(frozen=True, slots=True)
class Complete:
    """Ask how code may go on: `code` up to the cursor, `post` what stands behind it."""

    code: str
    post: str = ""


@dataclass(frozen=True, slots=True)
class Inspect:
    """Ask about what stands at the cursor, counted in characters of `code`."""

    code: str
    cursor: int


@dataclass(frozen=True, slots=True)
class IsComplete:
    """Ask whether code can be evaluated as it stands, or a line must follow."""

    code: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Texts that may stand in place of the characters `start` to `end` of the code."""

    suggestions: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of something, as text and perhaps as HTML."""

    found: bool
    text: str = ""
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether code is complete; `indent` is what the next line of an incomplete one begins with."""

    status: CompletenessStatus
    indent: str | None = None


AssistanceRequest: TypeAlias = Complete | Inspect | IsComplete
AssistanceRecord: TypeAlias = Completion | Inspection | Completeness


def _complete(payload: bytes) -> Complete:
    # The agent of part 1 also sends row, col and line, which the text up to the cursor tells.
    body = JsonObject("'complete'", parse_json("complete", payload))
    return Complete(body.text("code"), body.text("post", ""))


def _inspect(payload: bytes) -> Inspect:
    body = JsonObject("'inspect'", parse_json("inspect", payload))
    code = body.text("code")
    cursor = body.number("cursor", len(code))
    if not 0 <= cursor <= len(code):
        raise ProtocolError(
            f"'cursor' is within the {len(code)} characters of 'code', not {cursor}"
        )
    return Inspect(code, cursor)


def _is_complete(payload: bytes) -> IsComplete:
    return IsComplete(JsonObject("'is-complete'", parse_json("is-complete", payload)).text("code"))


def _completion(payload: bytes) -> Completion:
    body = JsonObject("'completion'", parse_json("completion", payload))
    return Completion(
        body.texts("suggestions"), body.optional_number("start"), body.optional_number("end")
    )


def _inspection(payload: bytes) -> Inspection:
    body = JsonObject("'inspection'", parse_json("inspection", payload))
    return Inspection(body.boolean("found"), body.text("text", ""), body.optional_text("html"))


def _completeness(payload: bytes) -> Completeness:
    body = JsonObject("'completeness'", parse_json("completeness", payload))
    status = body.text("status")
    if status not in get_args(CompletenessStatus):
        status = "unknown"
    return Completeness(cast("CompletenessStatus", status), body.optional_text("indent"))


REQUESTS: Mapping[bytes, Callable[[bytes], AssistanceRequest]] = {
    b"complete": _complete,
    b"inspect": _inspect,
    b"is-complete": _is_complete,
}
RECORDS: Mapping[bytes, Callable[[bytes], AssistanceRecord]] = {
    b"completion": _completion,
    b"inspection": _inspection,
    b"completeness": _completeness,
}


def nothing_for(request: AssistanceRequest) -> AssistanceRecord:
    """Return the answer of who knows nothing of the code."""
    match request:
        case Complete():
            return Completion()
        case Inspect():
            return Inspection(found=False)
        case IsComplete():
            return Completeness("unknown")


def encode_request(request: AssistanceRequest) -> tuple[bytes, bytes]:
    """Return type and payload of a request."""
    match request:
        case Complete():
            return b"complete", encode_json({"code": request.code, "post": request.post})
        case Inspect():
            return b"inspect", encode_json({"code": request.code, "cursor": request.cursor})
        case IsComplete():
            return b"is-complete", encode_json({"code": request.code})


def encode_record(record: AssistanceRecord) -> tuple[bytes, bytes]:
    """Return type and payload of a record; what is None is left out."""
    body: dict[str, object]
    match record:
        case Completion():
            body = {"suggestions": record.suggestions, "start": record.start, "end": record.end}
            return b"completion", encode_json(_given(body))
        case Inspection():
            body = {"found": record.found, "text": record.text, "html": record.html}
            return b"inspection", encode_json(_given(body))
        case Completeness():
            body = {"status": record.status, "indent": record.indent}
            return b"completeness", encode_json(_given(body))


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in body.items() if value is not None}
