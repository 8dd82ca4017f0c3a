"""What is drawn on: it keeps the commands that say what was drawn."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING

from polykernel_helpers.drawing.color import Color, Colors, color_of
from polykernel_helpers.drawing.commands import Begin, Draw, Mark, Paint
from polykernel_helpers.drawing.objects import DrawingObject
from polykernel_helpers.drawing.shapes import Box, Circle, Line, number, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from polykernel_helpers.drawing.commands import Command
    from polykernel_helpers.drawing.shapes import Number, Shape


class Surface:
    """Each thing drawn, moved or turned is a step of an animation; a group of them is one step.

    Coordinates are in pixels from the upper left corner, angles in degrees, clockwise. Circles,
    rectangles and triangles are given by their middle. What is no number or no colour raises
    TypeError, sizes below 0 raise ValueError.
    """

    def __init__(self, width: Number, height: Number, bgcolor: Color, fgcolor: Color) -> None:
        self.width, self.height = numbers(width=width, height=height)
        self.bgcolor = color_of(bgcolor)
        self.fgcolor = color_of(fgcolor)
        self._commands: list[Command] = []
        self._objects = itertools.count()
        self._groups = 0
        self._filling = False
        self._tell(Begin(self.width, self.height, bgcolor, fgcolor))

    def stop_animation(self) -> None:
        """From now on things are there at once."""
        self._tell(Mark("stop-anim"))

    def resume_animation(self) -> None:
        """From now on each thing is a step again."""
        self._tell(Mark("resume-anim"))

    def begin_group(self) -> None:
        """What follows until `end_group` is one step. A group in a group is part of that."""
        self._groups += 1
        if self._groups == 1:
            self._tell(Mark("begin-group"))

    def end_group(self) -> None:
        """End a group. Raises RuntimeError where none was begun."""
        if not self._groups:
            raise RuntimeError("there is no group to end; begin_group() first")
        self._groups -= 1
        if not self._groups:
            self._tell(Mark("end-group"))

    @contextmanager
    def group(self) -> Iterator[None]:
        """Make one step of what the block draws."""
        self.begin_group()
        try:
            yield
        finally:
            self.end_group()

    def begin_fill(self, c: Color) -> None:
        """Fill what the lines go around that follow until `end_fill`, and shapes without a fill.

        Raises RuntimeError within another fill.
        """
        if self._filling:
            raise RuntimeError("there is a fill already; end_fill() first")
        self._tell(Paint("begin-fill", color_of(c)))
        self._filling = True

    def end_fill(self) -> None:
        """Fill it. Raises RuntimeError where no fill was begun."""
        if not self._filling:
            raise RuntimeError("there is no fill to end; begin_fill(color) first")
        self._filling = False
        self._tell(Mark("end-fill"))

    def background_color(self, c: Color) -> None:
        """Colour what lies behind all."""
        self.bgcolor = color_of(c)
        self._tell(Paint("bgcolor", c))

    def stroke_color(self, c: Color) -> None:
        """Set the colour of lines and borders for which none is given."""
        self.fgcolor = color_of(c)
        self._tell(Paint("fgcolor", c))

    def line(
        self, x0: Number, y0: Number, x1: Number, y1: Number, color: Color | None = None
    ) -> DrawingObject:
        """Draw a line from one point to another."""
        a, b, c, d = numbers(x0=x0, y0=y0, x1=x1, y1=y1)
        return self._draw(Line(x1=a, y1=b, x2=c, y2=d, color=color_of(color, self.fgcolor)))

    def circle(  # noqa: PLR0917 - as programs call the original's
        self,
        x: Number,
        y: Number,
        radius: Number,
        border: Color | None = None,
        fill: Color | None = None,
        angle: Number = 0,
    ) -> DrawingObject:
        """Draw a circle around a point."""
        shape = Circle(
            x=number("x", x),
            y=number("y", y),
            radius=number("radius", radius),
            border=color_of(border, self.fgcolor),
            fill=color_of(fill, Colors.Transparent),
            angle=number("angle", angle),
        )
        return self._draw(shape)

    def rectangle(  # noqa: PLR0917 - as programs call the original's
        self,
        left: Number,
        top: Number,
        width: Number,
        height: Number,
        border: Color | None = None,
        fill: Color | None = None,
        angle: Number = 0,
    ) -> DrawingObject:
        """Draw a rectangle around the point (left, top), turned about it."""
        return self._box("rect", (left, top, width, height, angle), border, fill)

    def triangle(  # noqa: PLR0917 - as programs call the original's
        self,
        left: Number,
        top: Number,
        width: Number,
        height: Number,
        border: Color | None = None,
        fill: Color | None = None,
        angle: Number = 0,
    ) -> DrawingObject:
        """Draw a triangle, its tip up, around the point (left, top), turned about it."""
        return self._box("triangle", (left, top, width, height, angle), border, fill)

    def _box(
        self,
        kind: Literal["rect", "triangle"],
        measures: tuple[Number, Number, Number, Number, Number],
        border: Color | None,
        fill: Color | None,
    ) -> DrawingObject:
        names = ("x", "y", "width", "height", "angle")
        plain = {name: number(name, value) for name, value in zip(names, measures, strict=True)}
        return self._draw(
            Box(
                kind=kind,
                **plain,
                border=color_of(border, self.fgcolor),
                fill=color_of(fill, Colors.Transparent),
            )
        )

    def _draw(self, shape: Shape) -> DrawingObject:
        object_id = next(self._objects)
        self._tell(Draw(object_id, shape))
        return DrawingObject(self._tell, object_id, shape)

    def _tell(self, command: Command) -> None:
        self._commands.append(command)
