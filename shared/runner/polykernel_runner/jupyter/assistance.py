"""Completion, inspection and completeness, as a Jupyter kernel knows them.

https://jupyter-client.readthedocs.io/en/stable/messaging.html#completion
"""

from __future__ import annotations

import re
from typing import cast

from polykernel_runner.errors import SessionBroken
from polykernel_runner.jupyter.mailbox import Content, Message, text_of
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

LAST_PLACE = 2**31
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def understand(request: AssistanceRequest, reply: Message) -> AssistanceRecord | None:
    """Return what a reply says; None where the kernel could not tell.

    Raises:
        SessionBroken: the reply is malformed.
    """
    status = reply.text("status")
    match request:
        case Complete() if status == "ok":
            return _completion(reply.content)
        case Inspect() if status == "ok" and reply.content.get("found"):
            return _inspection(reply.content)
        case IsComplete() if status in ("complete", "incomplete", "invalid"):
            return Completeness(
                cast("CompletenessStatus", status), _text_or_none(reply.content, "indent")
            )
    return None


def _completion(content: Content) -> Completion:
    matches = content.get("matches")
    start, end = content.get("cursor_start"), content.get("cursor_end")
    if not (isinstance(matches, list) and all(isinstance(item, str) for item in matches)):
        raise SessionBroken("sent suggestions that are no texts")
    if not (type(start) is int and type(end) is int and 0 <= start <= end <= LAST_PLACE):
        raise SessionBroken("sent suggestions without a place")
    return Completion(tuple(matches), start, end)


def _inspection(content: Content) -> Inspection:
    data = content.get("data")
    if not isinstance(data, dict):
        raise SessionBroken("sent an inspection without data")
    text = _COLOURS.sub("", text_of(data, "text/plain", ""))
    return Inspection(found=True, text=text, html=_text_or_none(data, "text/html"))


def _text_or_none(content: Content, key: str) -> str | None:
    return None if content.get(key) is None else text_of(content, key)
