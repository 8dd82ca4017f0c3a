"""A turtle that draws a line where it goes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, overload

from polykernel_helpers.drawing.color import Color, Colors
from polykernel_helpers.drawing.shapes import numbers

if TYPE_CHECKING:
    from polykernel_helpers.drawing.canvas import Canvas
    from polykernel_helpers.drawing.shapes import Number

WIDTH, HEIGHT = 12, 18
SHELL = Color(255, 200, 200)
INK = Color(255, 0, 0, 128)


class Vec2D(NamedTuple):
    """Two numbers, with the arithmetic of vectors; `*` of two of them is the inner product."""

    x: Number
    y: Number

    def __add__(self, other: tuple[Number, Number]) -> Vec2D:  # type: ignore[override]
        return Vec2D(self.x + other[0], self.y + other[1])

    def __sub__(self, other: tuple[Number, Number]) -> Vec2D:
        return Vec2D(self.x - other[0], self.y - other[1])

    def __neg__(self) -> Vec2D:
        return Vec2D(-self.x, -self.y)

    @overload  # type: ignore[override]
    def __mul__(self, other: Vec2D) -> Number: ...
    @overload
    def __mul__(self, other: Number) -> Vec2D: ...
    def __mul__(self, other: Vec2D | Number) -> Vec2D | Number:
        if isinstance(other, Vec2D):
            return self.x * other.x + self.y * other.y
        return Vec2D(self.x * other, self.y * other)

    def __rmul__(self, other: Number) -> Vec2D:  # type: ignore[override]
        return Vec2D(self.x * other, self.y * other)

    def __abs__(self) -> float:
        return math.hypot(self.x, self.y)

    def rotate(self, angle: Number) -> Vec2D:
        """Return it turned counterclockwise by some degrees, where y goes up."""
        sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        return Vec2D(self.x * cosine - self.y * sine, self.y * cosine + self.x * sine)

    def __repr__(self) -> str:
        return f"({self.x:.2f},{self.y:.2f})"


class Turtle:
    """It starts in the middle of a canvas and looks to the right. Each move is a step."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.pen = True
        self.angle: Number = 90  # of a compass: 0 is up, clockwise
        self.points = [(canvas.width / 2, canvas.height / 2)]
        self.cursor = canvas.triangle(
            *self.points[0], WIDTH, HEIGHT, border=Colors.Red, fill=SHELL, angle=self.angle
        )

    def forward(self, amt: Number) -> None:
        """Go some pixels in the direction it looks."""
        (amount,) = numbers(amount=amt)
        x, y = self.points[-1]
        angle = math.radians(self.angle)
        self._go(x + math.sin(angle) * amount, y - math.cos(angle) * amount)

    def left(self, deg: Number) -> None:
        """Turn counterclockwise by some degrees."""
        self.right(-deg)

    def right(self, deg: Number) -> None:
        """Turn clockwise by some degrees."""
        self.cursor.rotate(deg)
        self.angle += deg

    def pos(self) -> Vec2D:
        """Return where it is, seen from where it started; y goes down."""
        return Vec2D(*self.points[-1]) - self.points[0]

    def penup(self) -> None:
        """From now on draw no line."""
        self.pen = False

    def pendown(self) -> None:
        """Draw lines again."""
        self.pen = True

    @overload
    def setpos(self, x: tuple[Number, Number]) -> None: ...
    @overload
    def setpos(self, x: Number, y: Number) -> None: ...
    def setpos(self, x: Number | tuple[Number, Number], y: Number | None = None) -> None:
        """Go to a point, given as for `pos`: two numbers, or one pair of them."""
        given_x, given_y = x if y is None else (x, y)  # type: ignore[misc]
        to_x, to_y = numbers(x=given_x, y=given_y)
        from_x, from_y = self.points[0]
        self._go(from_x + to_x, from_y + to_y)

    def _go(self, x: float, y: float) -> None:
        with self.canvas.group():
            if self.pen:
                self.canvas.line(*self.points[-1], x, y, color=INK)
            self.cursor.set_x(x)
            self.cursor.set_y(y)
        self.points.append((x, y))
