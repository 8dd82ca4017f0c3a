"""Whether what a decoder made has the types that its dataclass promises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def misfits(made: object) -> list[str]:
    """The fields of a dataclass, and of those in it, that hold something of another type."""
    return [
        f"{type(made).__name__}.{name} is {value!r:.80}, not {promised}"
        for name, promised in _promised(type(made)).items()
        if not _fits(value := getattr(made, name), promised)
    ]


def _promised(kind: type[object]) -> dict[str, Any]:
    assert is_dataclass(kind), kind
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _fits(value: object, promised: Any) -> bool:  # noqa: ANN401  what typing makes of annotations
    origin, parts = get_origin(promised), get_args(promised)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return isinstance(value, str) and value in parts
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, parts[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(key, parts[0]) and _fits(item, parts[1]) for key, item in value.items()
        )
    return _is(value, promised)


def _is(value: object, promised: Any) -> bool:  # noqa: ANN401
    if promised is Any:
        return True
    if is_dataclass(promised):
        return isinstance(value, promised) and not misfits(value)  # type: ignore[arg-type]
    if promised is float:
        return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
    if promised is NoneType:
        return value is None
    if promised is str:
        return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)
    return type(value) is promised
