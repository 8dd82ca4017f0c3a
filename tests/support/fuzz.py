"""Frames that are a little wrong, or very."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import msgpack

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUEST_TYPES = (
    b"clean", b"build", b"exec", b"code", b"run", b"run", b"run", b"reset", b"input", b"input-eof",
    b"interrupt", b"cancel", b"status", b"hello", b"", b"\xff", b"complete",
    b"inspect", b"is-complete", b"event", b"resize", b"get-apps", b"start-service",
    b"shutdown-service", b"start-model-service", b"terminal",
)  # fmt: skip
RECORD_TYPES = (
    b"stdout", b"stderr", b"media", b"html", b"log", b"waiting-input", b"clean-finished",
    b"build-finished", b"finished", b"status", b"hello", b"", b"\xff", b"completion",
    b"inspection", b"completeness", b"service-result", b"model-service-result",
    b"model-service-status", b"apps-result",
)  # fmt: skip
KEYS = (
    "files", "code", "args", "stdin", "env", "limits", "build", "exec", "wallTime", "cpuTime",
    "memory", "output", "processes", "fileSize", "outputAction", "exitCode", "verdict", "dropped",
    "stdout", "state", "signal", "type", "data", "is_password", "started_at", "queued", "protocol",
    "runner", "language", "features", "busy", "cursor", "post",
    "name", "port", "ports", "options", "envs", "arguments", "suggestions", "found", "a",
    "../x", "x" * 300, "", "\0", "\ud800",
)  # fmt: skip
ENDING_KEYS = (
    "exitCode", "verdict", "signal", "wallTime", "cpuTime", "maxRss", "dropped", "state", "reason",
)  # fmt: skip
LEAVES: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 10**19, 10**400, 1.5, -0.0, 1e308, float("inf"), float("nan"), "",
    "x", "\0", "\ud800", "ä", "ok", "kill", b"", b"\xff",
)  # fmt: skip


class Fuzz:
    """Random frames, the same ones every time."""

    def __init__(self, seed: int, types: Sequence[bytes]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same every time
        self._types = types

    def value(self, depth: int = 0) -> object:
        kind = self._random.random()
        if depth > 3 or kind < 0.5:
            return self._random.choice(LEAVES)
        count = self._random.randrange(4)
        if kind < 0.65:
            return [self.value(depth + 1) for _ in range(count)]
        return {self._random.choice(KEYS): self.value(depth + 1) for _ in range(count)}

    def payload(self) -> bytes:
        kind = self._random.random()
        if kind < 0.1:
            return self._random.randbytes(self._random.randrange(40))
        value = self.value() if kind < 0.2 else {k: self.value(1) for k in self._some_keys()}
        packed = _packed(value) if kind < 0.6 else _json(value)
        if self._random.random() < 0.1 and packed:
            place = self._random.randrange(len(packed))
            packed = packed[:place] + self._random.randbytes(1) + packed[place + 1 :]
        return packed

    def _some_keys(self) -> list[str]:
        return self._random.sample(KEYS, self._random.randrange(4))

    def often(self) -> bool:
        """Four times of five."""
        return self._random.random() < 0.8

    def ending(self) -> bytes:
        """The payload of an ending that is mostly right."""
        body: dict[str, object] = {"exitCode": 0, "verdict": "ok", "wallTime": 1.5, "maxRss": 4096}
        if self._random.random() < 0.5:
            body[self._random.choice(ENDING_KEYS)] = self.value(1)
        return _json(body)

    def frames(self) -> list[bytes]:
        frames = [self._random.choice(self._types), self.payload()]
        kind = self._random.random()
        if kind < 0.2:
            frames.append(self._random.randbytes(self._random.randrange(70)))
        elif kind < 0.25:
            frames = [self.payload() for _ in range(self._random.randrange(6))]
        return frames


def _packed(value: object) -> bytes:
    try:
        packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    except (OverflowError, ValueError):
        return _json(value)
    return packed


def _json(value: object) -> bytes:
    return json.dumps(value, default=repr).encode()
