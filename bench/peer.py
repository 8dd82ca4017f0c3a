"""Speaks part 1 of the protocol, to every side in the same way: the client makes no difference."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zmq

from bench.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Self

PATIENCE = 60.0
# What is kept of a run's output, to see that it is the right one.
KEPT = 1 << 16
# Of its complaints the last say what is wrong.
KEPT_WORDS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came up to the record that was waited for, and after how many seconds that."""

    seconds: float
    payload: bytes
    printed: bytes
    complaints: bytes
    count: int

    @property
    def exit_code(self) -> int:
        """Of a `finished`."""
        return int(json.loads(self.payload)["exitCode"])

    def starts_with(self, text: str) -> None:
        """See that the right thing was printed.

        Raises:
            BenchError: it was not.
        """
        if not self.printed.startswith(text.encode()):
            raise BenchError(
                f"printed was {self.printed[:80]!r}, which does not start with {text!r}"
            )


class Peer:
    """Two sockets; they may be connected before there is anybody at the other end.

    `retry` is in milliseconds: how often they look whether there is.
    """

    def __init__(self, whose: str, retry: int) -> None:
        self._whose = whose
        self._context = zmq.Context()
        self._requests = self._context.socket(zmq.PUSH)
        self._records = self._context.socket(zmq.PULL)
        for socket in (self._requests, self._records):
            socket.reconnect_ivl = retry
            socket.linger = 0

    def connect(self, requests: str, records: str) -> None:
        """Say where the other one listens, or will."""
        self._requests.connect(requests)
        self._records.connect(records)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.destroy(linger=0)

    def ask(
        self, kind: bytes, payload: bytes = b"", *, end: bytes, patience: float = PATIENCE
    ) -> Answer:
        """Send a request and wait for the record that answers it.

        Raises:
            BenchError: it does not come in `patience` seconds after the record before it.
        """
        return self.send([kind, payload], end=end, patience=patience)

    def send(self, frames: Sequence[bytes], *, end: bytes, patience: float = PATIENCE) -> Answer:
        """The same for a request that is encoded already."""
        printed, complaints, count = bytearray(), bytearray(), 0
        started = time.perf_counter()
        self._requests.send_multipart(frames)
        while True:
            if not self._records.poll(int(patience * 1000)):
                raise BenchError(
                    f"{self._whose} does not answer {frames[0].decode()} within {patience:g} s"
                    + (
                        f": {complaints.decode(errors='replace')[-KEPT_WORDS:]}"
                        if complaints
                        else ""
                    )
                )
            kind, payload, *_ = self._records.recv_multipart(copy=False)
            match kind.bytes:
                case b"stdout":
                    count += len(payload)
                    if len(printed) < KEPT:
                        printed += payload.bytes
                case b"stderr":
                    complaints += payload.bytes[: max(0, KEPT - len(complaints))]
                case found if found == end:
                    return Answer(
                        seconds=time.perf_counter() - started,
                        payload=payload.bytes,
                        printed=bytes(printed),
                        complaints=bytes(complaints),
                        count=count,
                    )
                case _:
                    pass

    def status(self, patience: float = PATIENCE) -> Answer:
        """Ask for the first sign of life."""
        return self.ask(b"status", end=b"status", patience=patience)

    def query(self, code: str, prints: str | None) -> Answer:
        """Evaluate code that has to end well and, without the space around it, print that."""
        return self._well(self.ask(b"code", code.encode(), end=b"finished"), prints, code)

    def execute(self, command: str, prints: str | None = None) -> Answer:
        """Run a shell command that has to end well."""
        return self._well(self.ask(b"exec", command.encode(), end=b"finished"), prints, command)

    def run(self, frames: Sequence[bytes], prints: str | None) -> Answer:
        """Do a whole job of part 2."""
        return self._well(self.send(frames, end=b"finished"), prints, "a job")

    def _well(self, answer: Answer, prints: str | None, what: str) -> Answer:
        said = answer.printed.decode(errors="replace").strip()
        complaints = answer.complaints.decode(errors="replace")[-KEPT_WORDS:].strip()
        if answer.exit_code != 0 or (prints is not None and said != prints):
            raise BenchError(
                f"{self._whose}: {what.strip()[:80]!r} ends with {answer.exit_code} and prints"
                f" {said[:80]!r}; {complaints}"
            )
        return answer
