"""What shapes are in SVG: elements and attributes, each of which can be animated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_helpers.drawing.shapes import Box, Circle, Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from polykernel_helpers.drawing.color import Color
    from polykernel_helpers.drawing.shapes import Number, Shape

# The angle and the point that an element turns about: SVG animates it in a way of its own.
ROTATION = "rotation"


def tag(shape: Shape) -> str:
    """Return the name of the element."""
    match shape:
        case Line():
            return "line"
        case Circle():
            return "circle"
        case Box():
            return "rect" if shape.kind == "rect" else "polygon"


def look(shape: Shape) -> dict[str, str]:
    """Return the attributes."""
    match shape:
        case Line():
            middle = ((shape.x1 + shape.x2) / 2, (shape.y1 + shape.y2) / 2)
            ends = {"x1": shape.x1, "y1": shape.y1, "x2": shape.x2, "y2": shape.y2}
            return {
                **{name: text(value) for name, value in ends.items()},
                **paint("stroke", shape.color),
                ROTATION: texts(shape.angle, *middle),
            }
        case Circle():
            place = {"cx": shape.x, "cy": shape.y, "r": shape.radius}
            return {
                **{name: text(value) for name, value in place.items()},
                **paint("stroke", shape.border),
                **paint("fill", shape.fill),
            }
        case Box():
            return {
                **_box(shape),
                **paint("stroke", shape.border),
                **paint("fill", shape.fill),
                ROTATION: texts(shape.angle, shape.x, shape.y),
            }


def paint(name: str, color: Color) -> dict[str, str]:
    """Return a colour and its opacity."""
    return {name: color.to_hex(include_alpha=False), f"{name}-opacity": text(color.alpha / 255)}


def path(outlines: Iterable[Sequence[tuple[Number, Number]]]) -> str:
    """Return closed outlines as the data of a path."""
    return "".join(f"M{'L'.join(texts(*point) for point in outline)}Z" for outline in outlines)


def text(value: Number) -> str:
    """Return a number, to a thousandth and without what says nothing."""
    written = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def texts(*values: Number) -> str:
    """Return numbers."""
    return " ".join(map(text, values))


def _box(shape: Box) -> dict[str, str]:
    left, top = shape.x - shape.width / 2, shape.y - shape.height / 2
    if shape.kind == "rect":
        sides = {"x": left, "y": top, "width": shape.width, "height": shape.height}
        return {name: text(value) for name, value in sides.items()}
    bottom = top + shape.height
    return {"points": texts(left, bottom, shape.x, top, left + shape.width, bottom)}
