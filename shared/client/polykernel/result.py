"""What a run came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from polykernel.mailbox import OVERHEAD
from polykernel_runner.protocol import (
    Finished,
    Html,
    Media,
    Output,
    Record,
    State,
    Verdict,
)


class Dropped(NamedTuple):
    """Bytes that `Limits.output` kept back."""

    stdout: int
    stderr: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a run ended, and the output that was not iterated over before.

    `exit_code` is the program's own, 128+N for signal N, 127 when there was nothing to run, and
    negative only for a failure of the runner. Times are in seconds, sizes in bytes. `build` tells
    of the build step of the same run, where there was one; its output is in `stdout` and `stderr`
    too. `reason` says why, where a verdict alone does not.
    """

    exit_code: int
    verdict: Verdict
    signal: str | None
    stdout: bytes
    stderr: bytes
    media: tuple[Media, ...]
    html: tuple[str, ...]
    wall_time: float
    cpu_time: float
    max_rss: int
    dropped: Dropped
    state: State
    reason: str | None
    build: Finished | None

    @property
    def ok(self) -> bool:
        """Whether the verdict is `ok`."""
        return self.verdict == "ok"

    @property
    def text(self) -> str:
        """`stdout` as text; bytes that are not UTF-8 become U+FFFD."""
        return self.stdout.decode("utf-8", "replace")


@dataclass(slots=True)
class Collection:
    """The parts of a `Result`, as they come; `size` is how many bytes they are."""

    # One object each: a byte that came alone would be kept in forty.
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    media: list[Media] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    build: Finished | None = None
    size: int = 0

    def add(self, record: Record) -> None:
        """Keep a record."""
        match record:
            case Output(stream="stdout"):
                self.stdout += record.data
                self.size += len(record.data)
            case Output():
                self.stderr += record.data
                self.size += len(record.data)
            case Media():
                self.media.append(record)
                self.size += OVERHEAD + len(record.data)
            case Html():
                self.html.append(record.text)
                self.size += OVERHEAD + len(record.text)
            case _:
                pass

    def result(self, end: Finished) -> Result:
        """Return all of it; `end` is the record that ended the run."""
        return Result(
            exit_code=end.exit_code,
            verdict=end.verdict,
            signal=end.signal,
            stdout=bytes(self.stdout),
            stderr=bytes(self.stderr),
            media=tuple(self.media),
            html=tuple(self.html),
            wall_time=end.wall_time,
            cpu_time=end.cpu_time,
            max_rss=end.max_rss,
            dropped=Dropped(end.dropped_stdout, end.dropped_stderr),
            state=end.state,
            reason=end.reason,
            build=self.build,
        )
