"""What a run may use: its type, its wire form, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ProtocolError

OutputAction: TypeAlias = Literal["truncate", "kill"]

# More than the system counts to is no limit but a mistake.
_MOST = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may use; None is no limit. Times in seconds, sizes in bytes.

    `memory` is the resident memory of all its processes together; `output` is stdout and stderr
    together; with `output_action` "truncate" the excess is counted and not sent, with "kill" the
    program is ended.
    """

    wall_time: float | None = None
    cpu_time: float | None = None
    memory: int | None = None
    output: int | None = None
    processes: int | None = None
    file_size: int | None = None
    output_action: OutputAction = "truncate"


_WIRE = {
    "wallTime": "wall_time",
    "cpuTime": "cpu_time",
    "memory": "memory",
    "output": "output",
    "processes": "processes",
    "fileSize": "file_size",
    "outputAction": "output_action",
}
_NONE = Limits()


def encode(limits: Limits) -> dict[str, object]:
    """Return the map that stands for limits; keys with their default value are left out."""
    return {
        wire: getattr(limits, own)
        for wire, own in _WIRE.items()
        if getattr(limits, own) != getattr(_NONE, own)
    }


def refuse_unknown(where: str, body: Mapping[Any, Any], known: tuple[str, ...]) -> None:
    """Raise ProtocolError if a map has a key that is not known."""
    unknown = [key for key in body if key not in known]
    if unknown:
        raise ProtocolError(f"{where} has no key {unknown[0]!r}; it has {', '.join(known)}")


def _is_amount(value: object, kinds: tuple[type, ...]) -> bool:
    return (
        isinstance(value, kinds) and not isinstance(value, bool) and 0 < value < _MOST  # type: ignore[operator]
    )


_SECONDS = (int, float)
_COUNT = (int,)
_LIMIT_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "wallTime": lambda value: _is_amount(value, _SECONDS),
    "cpuTime": lambda value: _is_amount(value, _SECONDS),
    "memory": lambda value: _is_amount(value, _COUNT),
    "output": lambda value: _is_amount(value, _COUNT),
    "processes": lambda value: _is_amount(value, _COUNT),
    "fileSize": lambda value: _is_amount(value, _COUNT),
    "outputAction": lambda value: value in ("truncate", "kill"),
}


def decode(limits: Mapping[str, Any]) -> Limits:
    """Parse limits.

    Raises:
        ProtocolError: an unknown key, or a value that is none for it.
    """
    refuse_unknown("'limits' of a job", limits, tuple(_WIRE))
    given = {key: value for key, value in limits.items() if value is not None}
    for key, value in given.items():
        if not _LIMIT_CHECKS[key](value):
            raise ProtocolError(f"limit {key!r} cannot be {value!r}")
    return Limits(**{_WIRE[key]: value for key, value in given.items()})
