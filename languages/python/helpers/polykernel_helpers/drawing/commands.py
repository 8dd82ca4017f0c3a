"""What is told of a drawing, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from polykernel_helpers.drawing.color import Color

if TYPE_CHECKING:
    from polykernel_helpers.drawing.shapes import Number, Shape, Value


@dataclass(frozen=True)
class Begin:
    """An empty canvas."""

    width: Number
    height: Number
    background: Color
    foreground: Color

    def operands(self) -> tuple[object, ...]:
        """Return the command without the canvas's number."""
        colors = (self.background.to_hex(), self.foreground.to_hex())
        return ("canvas", self.width, self.height, *colors)


@dataclass(frozen=True)
class Draw:
    """A new object."""

    number: int
    shape: Shape

    def operands(self) -> tuple[object, ...]:
        """Return the command without the canvas's number."""
        return ("obj", self.number, self.shape.operands())


@dataclass(frozen=True)
class Change:
    """An object has changed."""

    number: int
    name: str
    value: Value

    def operands(self) -> tuple[object, ...]:
        """Return the command without the canvas's number."""
        value = self.value.to_hex() if isinstance(self.value, Color) else self.value
        return ("update", self.number, self.name, value)


@dataclass(frozen=True)
class Paint:
    """A colour for what follows, or for what lies behind all."""

    name: Literal["begin-fill", "bgcolor", "fgcolor"]
    color: Color

    def operands(self) -> tuple[object, ...]:
        """Return the command without the canvas's number."""
        return (self.name, self.color.to_hex())


@dataclass(frozen=True)
class Mark:
    """A command that is a name and no more."""

    name: Literal["begin-group", "end-group", "end-fill", "stop-anim", "resume-anim"]

    def operands(self) -> tuple[object, ...]:
        """Return the command without the canvas's number."""
        return (self.name,)


Command: TypeAlias = "Begin | Draw | Change | Paint | Mark"
