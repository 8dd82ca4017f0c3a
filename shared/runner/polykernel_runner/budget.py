"""How much output a run may still send."""

from __future__ import annotations

from polykernel_runner.protocol import Limits, StreamName


class OutputBudget:
    """Counts a run's output against its limit; what is beyond is counted as dropped."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.output
        self._kill = limits.output_action == "kill"
        self.dropped: dict[StreamName, int] = {"stdout": 0, "stderr": 0}

    @property
    def kills(self) -> bool:
        """Whether the run is to be ended, for it has said too much."""
        return self._kill and any(self.dropped.values())

    @property
    def left(self) -> int | None:
        """How many bytes may still be sent, None for any number."""
        return self._left

    def take(self, stream: StreamName, data: bytes) -> bytes:
        """Return as much of data as may be sent."""
        if self._left is None:
            return data
        kept = data[: self._left]
        self._left -= len(kept)
        self.dropped[stream] += len(data) - len(kept)
        return kept

    def take_whole(self, size: int) -> bool:
        """Return whether something that makes no sense in parts may be sent."""
        if self._left is None:
            return True
        if size > self._left:
            self.dropped["stdout"] += size
            return False
        self._left -= size
        return True
