"""What a service prints: into the log as it comes, its last lines kept for when it fails."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping

from polykernel_runner.protocol import StreamName

log = logging.getLogger(__name__)

KEPT_LINES = 20
# Characters; what prints no newlines must not fill the runner's memory.
LONGEST_LINE = 2000


def last_lines(*outputs: str | Iterable[str]) -> str:
    """Return the last lines of the first output that has any, as the end of a message."""
    for output in outputs:
        lines = output.splitlines() if isinstance(output, str) else list(output)
        kept = [line for line in lines if line.strip()][-KEPT_LINES:]
        if kept:
            return "; its last lines:\n" + "\n".join(line[:LONGEST_LINE] for line in kept)
    return ""


class Tail:
    """A sink for a service's output."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._lines: Mapping[StreamName, deque[str]] = {
            "stderr": deque(maxlen=KEPT_LINES),
            "stdout": deque(maxlen=KEPT_LINES),
        }
        self._begun: dict[StreamName, bytes] = {"stderr": b"", "stdout": b""}

    async def output(self, stream: StreamName, data: bytes) -> None:
        """Take what it printed."""
        *whole, begun = (self._begun[stream] + data).split(b"\n")
        for line in whole[-KEPT_LINES:] if not log.isEnabledFor(logging.DEBUG) else whole:
            self._take(stream, line)
        self._begun[stream] = begun[:LONGEST_LINE]

    async def waiting(self, is_password: bool = False) -> None:
        """Nobody answers a service that asks; its standard input is empty."""

    def last(self) -> str:
        """Return the last lines of its stderr, or else of its stdout, as the end of a message."""
        for stream, begun in self._begun.items():
            if begun:
                self._take(stream, begun)
                self._begun[stream] = b""
        return last_lines(*self._lines.values())

    def _take(self, stream: StreamName, line: bytes) -> None:
        text = line[:LONGEST_LINE].decode("utf-8", "replace").rstrip("\r")
        self._lines[stream].append(text)
        log.debug("%s: %s", self._service, text)
