"""A drawing, as its commands make it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from polykernel_helpers.drawing import looks
from polykernel_helpers.drawing.commands import Begin, Change, Draw, Mark, Paint
from polykernel_helpers.drawing.shapes import Line, changed
from polykernel_helpers.drawing.svg import to_svg
from polykernel_helpers.drawing.timeline import Clock, Item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from polykernel_helpers.drawing.color import Color
    from polykernel_helpers.drawing.commands import Command
    from polykernel_helpers.drawing.shapes import Number, Shape

Point = tuple[float, float]
# What has fewer of them has no inside.
CORNERS = 3


@dataclass(frozen=True)
class Fill:
    """What is being filled: its colour, and the numbers of the lines around it."""

    color: Color
    lines: list[int] = field(default_factory=list)


class Scene:
    """What is there, from the back to the front."""

    def __init__(self) -> None:
        self._clock = Clock()
        self._size: tuple[Number, Number] = (0, 0)
        self._background = Item("rect", {})
        self._items: dict[int, Item] = {}
        self._shapes: dict[int, Shape] = {}
        self._fill: Fill | None = None
        self._area_numbers = itertools.count(-1, -1)

    def play(self, commands: Iterable[Command]) -> None:
        """Do what commands say."""
        for command in commands:
            match command:
                case Begin():
                    self._begin(command)
                case Draw(number, shape):
                    self._draw(number, shape)
                case Change(number, name, value):
                    self._change(number, changed(self._shapes[number], name, value))
                case Paint(name, color):
                    self._paint(name, color)
                case Mark(name):
                    self._mark(name)

    def settle(self) -> None:
        """Let all that has happened be the beginning."""
        self._clock.restart()
        for item in (self._background, *self._items.values()):
            item.frames.clear()

    def to_svg(self) -> str:
        """Return the picture."""
        return to_svg(self._size, [self._background, *self._items.values()], self._clock.end)

    def _begin(self, command: Begin) -> None:
        self._size = (command.width, command.height)
        width, height = map(looks.text, self._size)
        self._background.look = {
            "width": width,
            "height": height,
            **looks.paint("fill", command.background),
        }

    def _draw(self, number: int, shape: Shape) -> None:
        if self._fill is not None and not isinstance(shape, Line) and shape.fill.alpha == 0:
            shape = replace(shape, fill=self._fill.color)
        item = Item(looks.tag(shape), looks.look(shape))
        span = self._clock.step()
        if isinstance(shape, Line):
            item.appear(replace(span, end=span.start))
            item.look.update(x2=item.look["x1"], y2=item.look["y1"])
            item.change(looks.look(shape), span)
            if self._fill is not None:
                self._fill.lines.append(number)
        else:
            item.appear(span)
        self._items[number] = item
        self._shapes[number] = shape

    def _change(self, number: int, shape: Shape) -> None:
        self._shapes[number] = shape
        self._items[number].change(looks.look(shape), self._clock.step())
        if self._clock.running:
            # As in clients of the original: what moves comes to the front.
            self._items[number] = self._items.pop(number)

    def _paint(self, name: str, color: Color) -> None:
        match name:
            case "bgcolor":
                self._background.change(looks.paint("fill", color), self._clock.step())
            case "begin-fill":
                self._fill = Fill(color)

    def _mark(self, name: str) -> None:
        match name:
            case "begin-group":
                self._clock.begin_group()
            case "end-group":
                self._clock.end_group()
            case "stop-anim":
                self._clock.running = False
            case "resume-anim":
                self._clock.running = True
            case "end-fill":
                self._end_fill()

    def _end_fill(self) -> None:
        fill, self._fill = self._fill, None
        if fill is None:
            return
        lines = [line for number in fill.lines if isinstance(line := self._shapes[number], Line)]
        path = looks.path(outline for outline in _outlines(lines) if len(outline) >= CORNERS)
        if path:
            area = Item("path", {"d": path, **looks.paint("fill", fill.color)})
            area.appear(self._clock.step())
            self._put_below(area, frozenset(fill.lines))

    def _put_below(self, area: Item, numbers: Collection[int]) -> None:
        order = list(self._items.items())
        lowest = min(at for at, (number, _) in enumerate(order) if number in numbers)
        order.insert(lowest, (next(self._area_numbers), area))
        self._items = dict(order)


def _outlines(lines: Iterable[Line]) -> Iterator[list[Point]]:
    """Return the points of lines each of which begins where the one before it ended."""
    points: list[Point] = []
    for line in lines:
        start, end = (line.x1, line.y1), (line.x2, line.y2)
        if points and points[-1] != start:
            yield points
            points = []
        points += [end] if points else [start, end]
    yield points
