"""Completion, inspection and completeness, as an evaluation server knows them."""

from __future__ import annotations

from typing import cast, get_args

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


def name_of(request: AssistanceRequest) -> Assistance:
    """Return what a language's `assists` call a question."""
    match request:
        case Complete():
            return "complete"
        case Inspect():
            return "inspect"
        case IsComplete():
            return "is-complete"


async def ask(connection: Connection, request: AssistanceRequest) -> None:
    """Send a question; places in the code are counted in bytes there."""
    match request:
        case Complete(code=code, post=post):
            body = (code + post).encode()
            await connection.send("complete", len(code.encode()), body=body)
        case Inspect(code=code, cursor=cursor):
            await connection.send("inspect", len(code[:cursor].encode()), body=code.encode())
        case IsComplete(code=code):
            await connection.send("is-complete", body=code.encode())


def understand(request: AssistanceRequest, reply: Message) -> AssistanceRecord | None:
    """Return what a reply says; None where the server could not tell."""
    text = reply.body.decode("utf-8", "replace")
    match request, reply.words:
        case Complete(), ["completions", start, end] if start.isdecimal() and end.isdecimal():
            code = (request.code + request.post).encode()
            places = (_characters(code, int(place)) for place in (start, end))
            return Completion(tuple(filter(None, text.split("\n"))), *places)
        case Inspect(), ["inspection"] if text:
            return Inspection(found=True, text=text)
        case IsComplete(), ["completeness", status] if status in get_args(CompletenessStatus):
            return Completeness(cast("CompletenessStatus", status), text or None)
    return None


def _characters(code: bytes, size: int) -> int:
    return len(code[:size].decode("utf-8", "replace"))
