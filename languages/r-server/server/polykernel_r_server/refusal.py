"""What a server says when it does not do what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_r_server.errors import RServerError

if TYPE_CHECKING:
    from polykernel_r_server.transport import Answer

FAULTS = range(500, 600)


def refused(what: str, answer: Answer) -> RServerError:
    """What to raise: `what` says what the R Server does not do."""
    whose = ", by a fault of its own" if answer.status in FAULTS else ""
    return RServerError(f"the R Server {what}{whose} ({answer.status}): {_reason(answer)}")


def _reason(answer: Answer) -> str:
    try:
        message = answer.json().get("message")
    except RServerError:
        message = None
    return message if isinstance(message, str) and message else "it does not say why"
