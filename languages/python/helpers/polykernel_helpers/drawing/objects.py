"""What a canvas gives back when something is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_helpers.drawing.color import color_of
from polykernel_helpers.drawing.commands import Change
from polykernel_helpers.drawing.shapes import can_change, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from polykernel_helpers.drawing.color import Color
    from polykernel_helpers.drawing.commands import Command
    from polykernel_helpers.drawing.shapes import Number, Shape, Value


class DrawingObject:
    """Something on a canvas, to be moved, turned and coloured. Each change is a step.

    A line has two points, the others have one; what an object lacks raises TypeError.
    """

    def __init__(self, tell: Callable[[Command], None], object_id: int, shape: Shape) -> None:
        self._tell = tell
        self._id = object_id
        self._shape = shape

    def set_x(self, x: Number) -> None:
        """Move to the left or right."""
        self._change("x", number("x", x))

    def set_y(self, y: Number) -> None:
        """Move up or down."""
        self._change("y", number("y", y))

    def set_x1(self, x: Number) -> None:
        """Move where a line begins."""
        self._change("x1", number("x1", x))

    def set_y1(self, y: Number) -> None:
        """Move where a line begins."""
        self._change("y1", number("y1", y))

    def set_x2(self, x: Number) -> None:
        """Move where a line ends."""
        self._change("x2", number("x2", x))

    def set_y2(self, y: Number) -> None:
        """Move where a line ends."""
        self._change("y2", number("y2", y))

    def set_radius(self, r: Number) -> None:
        """Make a circle larger or smaller."""
        self._change("radius", number("radius", r))

    def rotate(self, a: Number) -> None:
        """Turn by some degrees, clockwise."""
        self._change("rotate", number("angle", a))

    def set_angle(self, a: Number) -> None:
        """Turn to an angle in degrees, clockwise."""
        self._change("angle", number("angle", a))

    def stroke(self, color: Color) -> None:
        """Colour the line, or the border."""
        self._change("color" if can_change(self._shape, "color") else "border", color_of(color))

    def fill(self, color: Color) -> None:
        """Colour the inside."""
        self._change("fill", color_of(color))

    def _change(self, name: str, value: Value) -> None:
        if not can_change(self._shape, name):
            raise TypeError(f"a {type(self._shape).__name__.lower()} has no {name}")
        self._tell(Change(self._id, name, value))
