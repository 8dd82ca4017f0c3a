"""What can be drawn. Coordinates are in pixels from the upper left corner, angles in degrees.

A circle, rectangle or triangle lies around its point, as clients of the original draw it: `x` and
`y` are the middle of its box, and it turns about that. Angles go clockwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from numbers import Integral, Real
from typing import Any, Literal, TypeAlias

from polykernel_helpers.drawing.color import Color

Number: TypeAlias = "int | float"
Value: TypeAlias = "int | float | Color"


@dataclass(frozen=True, kw_only=True)
class Line:
    """From one point to another. It turns about its middle."""

    x1: Number
    y1: Number
    x2: Number
    y2: Number
    color: Color
    angle: Number = 0

    def operands(self) -> tuple[object, ...]:
        """Return what the command says of it."""
        return ("line", self.x1, self.y1, self.x2, self.y2, self.color.to_hex())


@dataclass(frozen=True, kw_only=True)
class Circle:
    """Around a point."""

    x: Number
    y: Number
    radius: Number
    border: Color
    fill: Color
    angle: Number

    def operands(self) -> tuple[object, ...]:
        """Return what the command says of it."""
        colors = (self.border.to_hex(), self.fill.to_hex())
        return ("circle", self.x, self.y, self.radius, *colors, self.angle)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle, or a triangle that stands in one: its tip is in the middle of the upper side."""

    kind: Literal["rect", "triangle"]
    x: Number
    y: Number
    width: Number
    height: Number
    border: Color
    fill: Color
    angle: Number

    def operands(self) -> tuple[object, ...]:
        """Return what the command says of it."""
        colors = (self.border.to_hex(), self.fill.to_hex())
        return (self.kind, self.x, self.y, self.width, self.height, *colors, self.angle)


Shape: TypeAlias = "Line | Circle | Box"
SIZES = frozenset({"radius", "width", "height"})


def changed(shape: Shape, name: str, value: Value) -> Shape:
    """Return a shape of which one thing is different; `rotate` adds to its angle."""
    if name == "rotate" and not isinstance(value, Color):
        return replace(shape, angle=shape.angle + value)
    changes: dict[str, Any] = {name: value}
    return replace(shape, **changes)


def can_change(shape: Shape, name: str) -> bool:
    """Whether such a shape has that."""
    return name == "rotate" or any(field.name == name for field in fields(shape))


def number(name: str, value: object) -> Number:
    """Return a number as commands can hold it, whichever library it comes from.

    Raises:
        TypeError: it is none.
        ValueError: it is not finite, or a size below 0.
    """
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    plain = int(value) if isinstance(value, Integral) else float(value)
    if not math.isfinite(plain):
        raise ValueError(f"{name} must be finite, not {value!r}")
    if name in SIZES and plain < 0:
        raise ValueError(f"{name} must not be less than 0, but is {value!r}")
    return plain


def numbers(**values: object) -> tuple[Number, ...]:
    """Return numbers; see `number`."""
    return tuple(number(name, value) for name, value in values.items())
