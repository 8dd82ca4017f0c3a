"""JSON objects on the wire: parsed with errors that name the key."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from polykernel_runner.errors import ProtocolError

_Kind = TypeVar("_Kind", str, int, bool)

# More is no number of anything, and not every system can count to it.
_MOST = 2**63
# Bytes of JSON that a record is read from into objects, which can take twenty times as much.
MOST_JSON = 8 << 20


def encode_json(value: object) -> bytes:
    """Return compact JSON in UTF-8; what is no text becomes question marks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def parse_json(what: str, payload: bytes) -> Any:
    """Parse JSON; ProtocolError, naming `what`, for anything else and for text that is none."""
    try:
        value = json.loads(payload.decode())
        # Half a surrogate pair can be written as \uD800, and is no text.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the payload of {what!r} is not JSON: {error}") from None
    return value


class JsonObject:
    """A JSON object whose values are taken by key; ProtocolError for one of a wrong kind."""

    def __init__(self, what: str, body: object) -> None:
        if not isinstance(body, dict):
            raise ProtocolError(f"{what} is a JSON object, not {type(body).__name__}")
        self._what = what
        self._body: Mapping[str, Any] = body

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        return self._take(key, str, default)

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number; without a default it must be there."""
        return self._take(key, int, default)

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; without a default it must be there."""
        return self._take(key, bool, default)

    def count(self, key: str, default: int | None = None) -> int:
        """Return a whole number from 0 on; without a default it must be there."""
        value = self.number(key, default)
        if not 0 <= value < _MOST:
            raise ProtocolError(f"{key!r} of {self._what} is a count, not {value!r:.80}")
        return value

    def seconds(self, key: str, default: float | None = None) -> float:
        """Return a time, from 0 on; without a default it must be there."""
        value = self._body.get(key)
        if value is None and default is not None:
            return default
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        # NaN is neither more nor less than anything.
        if value is None or not is_number or not 0 <= value < _MOST:
            raise ProtocolError(f"{key!r} of {self._what} is a time in seconds, not {value!r:.80}")
        return float(value)

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """Return one of some texts; without a default it must be there."""
        value = self.text(key, default)
        if value not in known:
            choices = ", ".join(known)
            raise ProtocolError(f"{key!r} of {self._what} is one of {choices}, not {value!r:.80}")
        return value

    def optional_number(self, key: str) -> int | None:
        """Return a whole number, or None where it is not given."""
        return None if self._body.get(key) is None else self._take(key, int, None)

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where it is not given."""
        return None if self._body.get(key) is None else self._take(key, str, None)

    def items(self, key: str) -> list[Any]:
        """Return a list, empty where it is not given."""
        value = self._body.get(key)
        if value is not None and not isinstance(value, list):
            raise ProtocolError(f"{key!r} of {self._what} is a list, not {value!r:.80}")
        return value or []

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where it is not given."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise ProtocolError(f"{key!r} of {self._what} is a list of texts, not {values!r:.80}")
        return tuple(values)

    def structure(self, key: str) -> list[Any] | dict[str, Any] | None:
        """Return a list or an object, None where it is something else."""
        value = self._body.get(key)
        return value if isinstance(value, (list, dict)) else None

    def texts_by_name(self, key: str) -> Mapping[str, str]:
        """Return an object of texts, empty where it is not given."""
        values = self.mapping(key)
        if not all(isinstance(value, str) for value in values.values()):
            raise ProtocolError(f"{key!r} of {self._what} is an object of texts")
        return values

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return an object, empty where it is not given."""
        value = self._body.get(key)
        if value is not None and not isinstance(value, dict):
            raise ProtocolError(f"{key!r} of {self._what} is a JSON object, not {value!r:.80}")
        return value or {}

    def _take(self, key: str, kind: type[_Kind], default: _Kind | None) -> _Kind:
        value = self._body.get(key)
        if value is None and default is not None:
            return default
        # Of a bool Python says that it is an int.
        if isinstance(value, kind) and isinstance(value, bool) == issubclass(kind, bool):
            return value
        if value is None:
            raise ProtocolError(f"{self._what} lacks {key!r}")
        raise ProtocolError(f"{key!r} of {self._what} is a {kind.__name__}, not {value!r:.80}")
