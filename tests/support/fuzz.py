"""Frames that are a little wrong, or very."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import hypothesis
import msgpack
from hypothesis import strategies as st

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


# Seconds of one example are no matter: other work on the machine takes them too.
def settings(examples: int) -> hypothesis.settings:
    """The same examples every time, and no files of them."""
    return hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


Strategy: TypeAlias = "st.SearchStrategy[bytes]"

LEAF = st.sampled_from(LEAVES) | st.integers() | st.floats() | st.text(max_size=20)
KEY = st.sampled_from(KEYS)
VALUE: st.SearchStrategy[object] = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3)
)


def payloads() -> Strategy:
    """What a record or request may carry: mostly a mapping, and mostly whole."""
    mapping = st.dictionaries(KEY, VALUE, max_size=4)
    whole = (mapping | mapping | VALUE).flatmap(_written)
    return whole | whole | st.builds(_spoilt, whole, st.binary(min_size=1, max_size=1)) | _NOISE


def frames(types: Sequence[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Frames of a message: a type, a payload, sometimes an id; sometimes any others."""
    kind, payload = st.sampled_from(types), payloads()
    usual = st.tuples(kind, payload).map(list)
    with_id = st.tuples(kind, payload, st.binary(max_size=70)).map(list)
    return usual | usual | with_id | st.lists(payload, max_size=6)


def endings() -> Strategy:
    """The payload of an ending that is mostly right."""
    right: dict[str, object] = {"exitCode": 0, "verdict": "ok", "wallTime": 1.5, "maxRss": 4096}
    odd = st.dictionaries(st.sampled_from(ENDING_KEYS), VALUE, max_size=1)
    return odd.map(lambda other: _json({**right, **other}))


_NOISE = st.binary(max_size=40)


def _written(value: object) -> Strategy:
    return st.sampled_from((_packed(value), _json(value)))


def _spoilt(payload: bytes, other: bytes) -> bytes:
    place = len(payload) // 2
    return payload[:place] + other + payload[place + 1 :]


def _packed(value: object) -> bytes:
    try:
        packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    except (OverflowError, ValueError):
        return _json(value)
    return packed


def _json(value: object) -> bytes:
    return json.dumps(value, default=repr).encode()
