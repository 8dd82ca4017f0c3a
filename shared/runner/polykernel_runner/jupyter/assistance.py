"""Completion, inspection and completeness, as a Jupyter kernel knows them.

https://jupyter-client.readthedocs.io/en/stable/messaging.html#completion
"""

from __future__ import annotations

import re
from typing import cast

from polykernel_runner.jupyter.kernel import Kernel
from polykernel_runner.jupyter.mailbox import Message
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

_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def ask(kernel: Kernel, request: AssistanceRequest) -> str:
    """Send a question; return the id of its message."""
    client = kernel.client
    if isinstance(request, Complete):
        return str(client.complete(request.code + request.post, len(request.code)))
    if isinstance(request, Inspect):
        return str(client.inspect(request.code, request.cursor))
    return str(client.is_complete(request.code))


def understand(request: AssistanceRequest, reply: Message) -> AssistanceRecord | None:
    """Return what a reply says; None where the kernel could not tell."""
    match request:
        case Complete() if reply.get("status") == "ok":
            return Completion(
                tuple(map(str, reply["matches"])), reply["cursor_start"], reply["cursor_end"]
            )
        case Inspect() if reply.get("status") == "ok" and reply.get("found"):
            data = reply["data"]
            text = _COLOURS.sub("", str(data.get("text/plain", "")))
            return Inspection(found=True, text=text, html=data.get("text/html"))
        case IsComplete() if reply.get("status") in ("complete", "incomplete", "invalid"):
            return Completeness(cast("CompletenessStatus", reply["status"]), reply.get("indent"))
    return None
