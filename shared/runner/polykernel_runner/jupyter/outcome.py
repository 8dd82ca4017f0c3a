"""How a cell ended, as the reply to it says."""

from __future__ import annotations

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import SessionBroken
from polykernel_runner.jupyter.mailbox import Message

ERROR_EXIT = 1
LONGEST_EXIT_CODE = 20  # digits and a sign


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reply to a cell says."""

    exit_code: int
    ends_process: bool


def understood(reply: Message) -> Outcome:
    """Return what a reply says.

    Raises:
        SessionBroken: it is malformed.
    """
    payload = reply.content.get("payload") or []
    if not isinstance(payload, list) or not all(isinstance(item, dict) for item in payload):
        raise SessionBroken("sent a reply with a payload of the wrong type")
    ends = any(item.get("source") == "ask_exit" and not item.get("keepkernel") for item in payload)
    if reply.text("status") == "ok":
        return Outcome(0, ends)
    if reply.text("ename", "") == "SystemExit":
        return Outcome(_exit_code(reply.text("evalue", "")), ends)
    return Outcome(ERROR_EXIT, ends)


def _exit_code(value: str) -> int:
    """Return what `sys.exit(...)` in a cell would have made of a process; it goes on here."""
    if value in ("", "None"):
        return 0
    is_number = value.removeprefix("-").isdecimal() and len(value) <= LONGEST_EXIT_CODE
    return int(value) % 256 if is_number else ERROR_EXIT
