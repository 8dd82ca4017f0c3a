"""Completion, inspection and completeness, as an evaluation server knows them."""

from __future__ import annotations

from typing import cast, get_args

from polykernel_runner.errors import SessionBroken
from polykernel_runner.evaluation_server.connection import Connection, Message
from polykernel_runner.language import Assistance
from polykernel_runner.protocol import (
    AssistanceRecord,
    AssistanceRequest,
    Complete,
    Completeness,
    CompletenessStatus,
    Completion,
    Inspect,
    Inspection,
    IsComplete,
)

LARGEST_ANSWER = 4 * 1024 * 1024  # bytes
LONGEST_PLACE = 18  # digits
_ANSWERS = ("completions", "inspection", "completeness")


def name_of(request: AssistanceRequest) -> Assistance:
    """Return what a language's `assists` call a question."""
    match request:
        case Complete():
            return "complete"
        case Inspect():
            return "inspect"
        case IsComplete():
            return "is-complete"


async def ask(connection: Connection, request: AssistanceRequest) -> AssistanceRecord | None:
    """Ask; return what the answer says, None where the server could not tell.

    Who stops waiting for it leaves the answer under way.

    Raises:
        SessionBroken: something else came.
    """
    await late_answer(connection)
    if connection.has_message:
        raise SessionBroken("sent a message between two queries")
    connection.late = True
    await _send(connection, request)
    answer = await connection.receive(LARGEST_ANSWER)
    connection.late = False
    return None if answer is None else _understand(request, answer)


async def late_answer(connection: Connection) -> None:
    """Return when no answer is under way any more.

    Raises:
        SessionBroken: something else came.
    """
    if connection.late:
        answer = await connection.receive(LARGEST_ANSWER)
        connection.late = False
        if answer is not None and answer.words[0] not in _ANSWERS:
            raise SessionBroken(f"sent {answer.text:.80} in answer to a question about code")


async def _send(connection: Connection, request: AssistanceRequest) -> None:
    """Send a question; places in the code are counted in bytes there."""
    match request:
        case Complete(code=code, post=post):
            body = (code + post).encode("utf-8", "replace")
            cursor = len(code.encode("utf-8", "replace"))
            await connection.send("complete", cursor, body=body)
        case Inspect(code=code, cursor=cursor):
            body = code.encode("utf-8", "replace")
            cursor = len(code[:cursor].encode("utf-8", "replace"))
            await connection.send("inspect", cursor, body=body)
        case IsComplete(code=code):
            await connection.send("is-complete", body=code.encode("utf-8", "replace"))


def _understand(request: AssistanceRequest, answer: Message) -> AssistanceRecord | None:
    """Return what an answer says; None where the server could not tell."""
    text = answer.body.decode("utf-8", "replace")
    if len(answer.body) == answer.size:
        match request, answer.words:
            case Complete(), ["completions", start, end] if start.isdecimal() and end.isdecimal():
                code = (request.code + request.post).encode("utf-8", "replace")
                places = (_characters(code, place) for place in (start, end))
                return Completion(tuple(filter(None, text.split("\n"))), *places)
            case Inspect(), ["inspection"]:
                return Inspection(found=True, text=text) if text else None
            case IsComplete(), ["completeness", status] if status in get_args(CompletenessStatus):
                return Completeness(cast("CompletenessStatus", status), text or None)
    raise SessionBroken(f"sent {answer.text:.80} in answer to a question about code")


def _characters(code: bytes, place: str) -> int:
    # Beyond the end of the code is as good as its end.
    size = min(int(place[:LONGEST_PLACE]), len(code))
    return len(code[:size].decode("utf-8", "replace"))
