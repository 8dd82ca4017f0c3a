"""The commands of a drawing, as clients of the original decode them."""

from __future__ import annotations

import base64
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from polykernel_helpers.drawing import Canvas, Color, Colors, Turtle, Vec2D

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pythons import Python

BLACK, WHITE, CLEAR = "#000000ff", "#ffffffff", "#ffffff00"
INK = "#ff000080"


def commands(canvas: Canvas) -> list[Any]:
    """All commands after the first, without the canvas's number, which all must have."""
    decoded = msgpack.unpackb(base64.b64decode(canvas.to_commands()))
    assert {command[0] for command in decoded} == {decoded[0][0]}
    return [command[1:] for command in decoded[1:]]


def test_defect_44_the_bytes_are_those_that_the_originals_clients_know(python: Python) -> None:
    code = """
from ai.backend.kernel.python.drawing import Canvas, Colors
canvas = Canvas(100, 120, bgcolor=Colors.Cyan)
canvas.circle(50, 60.5, 20, angle=-1)
print(canvas.to_commands())
"""
    raw = base64.b64decode(python.prints(code))

    assert raw == (
        b"\x92"
        b"\x96\x00\xa6canvas\x64\x78\xa9#00ffffff\xa9#000000ff"
        b"\x94\x00\xa3obj\x00\x97\xa6circle\x32\xcb\x40\x4e\x40\x00\x00\x00\x00\x00\x14"
        b"\xa9#000000ff\xa9#ffffff00\xff"
    )


def test_a_canvas_tells_its_size_and_colours() -> None:
    canvas = Canvas(320, 240.5, bgcolor=Color(1, 2, 3, 4), fgcolor=Colors.Gray)
    decoded = msgpack.unpackb(base64.b64decode(canvas.to_commands()))

    assert [command[1:] for command in decoded] == [
        ["canvas", 320, 240.5, "#01020304", "#808080ff"],
    ]
    assert decoded[0][0] != msgpack.unpackb(base64.b64decode(Canvas(1, 1).to_commands()))[0][0]


def test_shapes_are_numbered_and_described() -> None:
    canvas = Canvas(100, 100)
    canvas.line(1, 2, 3, 4)
    canvas.circle(5, 6, 7, border=Colors.Red, fill=Colors.Blue, angle=8)
    canvas.rectangle(1, 2, 3, 4)
    canvas.triangle(1, 2, 3, 4, Colors.Green, Colors.Yellow, 30)

    assert commands(canvas) == [
        ["obj", 0, ["line", 1, 2, 3, 4, BLACK]],
        ["obj", 1, ["circle", 5, 6, 7, "#ff0000ff", "#0000ffff", 8]],
        ["obj", 2, ["rect", 1, 2, 3, 4, BLACK, CLEAR, 0]],
        ["obj", 3, ["triangle", 1, 2, 3, 4, "#00ff00ff", "#ffff00ff", 30]],
    ]


def test_changes_name_the_object_and_what_it_is() -> None:
    canvas = Canvas(100, 100)
    line, circle = canvas.line(0, 0, 9, 9), canvas.circle(5, 5, 5)
    line.set_x1(1)
    line.set_y1(2)
    line.set_x2(3)
    line.set_y2(4)
    line.stroke(Colors.Red)
    line.rotate(-15)
    circle.set_x(6)
    circle.set_y(7)
    circle.set_radius(8)
    circle.stroke(Colors.Magenta)
    circle.fill(Colors.Cyan)
    circle.set_angle(45)

    assert commands(canvas)[2:] == [
        ["update", 0, "x1", 1],
        ["update", 0, "y1", 2],
        ["update", 0, "x2", 3],
        ["update", 0, "y2", 4],
        ["update", 0, "color", "#ff0000ff"],
        ["update", 0, "rotate", -15],
        ["update", 1, "x", 6],
        ["update", 1, "y", 7],
        ["update", 1, "radius", 8],
        ["update", 1, "border", "#ff00ffff"],
        ["update", 1, "fill", "#00ffffff"],
        ["update", 1, "angle", 45],
    ]


def test_groups_fills_colours_and_animation_are_told() -> None:
    canvas = Canvas(100, 100)
    canvas.begin_group()
    canvas.end_group()
    canvas.begin_fill(Colors.Red)
    canvas.end_fill()
    canvas.background_color(Colors.Black)
    canvas.stroke_color(Colors.White)
    canvas.stop_animation()
    canvas.resume_animation()
    canvas.line(0, 0, 1, 1)

    assert commands(canvas) == [
        ["begin-group"],
        ["end-group"],
        ["begin-fill", "#ff0000ff"],
        ["end-fill"],
        ["bgcolor", BLACK],
        ["fgcolor", WHITE],
        ["stop-anim"],
        ["resume-anim"],
        ["obj", 0, ["line", 0, 0, 1, 1, WHITE]],
    ]


def test_a_turtle_draws_and_moves_in_one_step() -> None:
    canvas = Canvas(100, 60)
    turtle = canvas.create_turtle()
    turtle.forward(10)
    turtle.left(90)
    turtle.right(30)
    turtle.penup()
    turtle.setpos(Vec2D(5, -5))
    turtle.pendown()
    turtle.setpos(0, 0)

    assert commands(canvas) == [
        ["obj", 0, ["triangle", 50, 30, 12, 18, "#ff0000ff", "#ffc8c8ff", 90]],
        ["begin-group"],
        ["obj", 1, ["line", 50, 30, 60, 30, INK]],
        ["update", 0, "x", 60],
        ["update", 0, "y", 30],
        ["end-group"],
        ["update", 0, "rotate", -90],
        ["update", 0, "rotate", 30],
        ["begin-group"],
        ["update", 0, "x", 55],
        ["update", 0, "y", 25],
        ["end-group"],
        ["begin-group"],
        ["obj", 2, ["line", 55, 25, 50, 30, INK]],
        ["update", 0, "x", 50],
        ["update", 0, "y", 30],
        ["end-group"],
    ]


def test_a_group_within_a_group_is_one() -> None:
    canvas = Canvas(100, 60)
    turtle = Turtle(canvas)
    with canvas.group():
        turtle.forward(10)
        turtle.forward(10)

    assert [command[0] for command in commands(canvas)] == [
        "obj",
        *("begin-group", "obj", "update", "update", "obj", "update", "update", "end-group"),
    ]


def test_numbers_of_other_kinds_are_told_as_numbers() -> None:
    canvas = Canvas(100, 100)
    canvas.line(Fraction(1, 2), Fraction(2, 1), 2, 3)  # type: ignore[arg-type]

    assert commands(canvas) == [["obj", 0, ["line", 0.5, 2.0, 2, 3, BLACK]]]


def fill_twice(canvas: Canvas) -> None:
    canvas.begin_fill(Colors.Red)
    canvas.begin_fill(Colors.Red)


WRONG: dict[str, tuple[Callable[[Canvas], object], type[Exception]]] = {
    "radius must be a number, not '5'": (lambda c: c.circle(1, 2, "5"), TypeError),  # type: ignore[arg-type]
    "x0 must be finite, not nan": (lambda c: c.line(float("nan"), 0, 0, 0), ValueError),
    "width must not be less than 0": (lambda c: c.rectangle(0, 0, -1, 1), ValueError),
    "a colour is a Color": (lambda c: c.line(0, 0, 1, 1, "red"), TypeError),  # type: ignore[arg-type]
    "a line has no fill": (lambda c: c.line(0, 0, 1, 1).fill(Colors.Red), TypeError),
    "a circle has no x1": (lambda c: c.circle(0, 0, 1).set_x1(1), TypeError),
    "begin_group() first": (lambda c: c.end_group(), RuntimeError),
    "begin_fill(color) first": (lambda c: c.end_fill(), RuntimeError),
    "end_fill() first": (fill_twice, RuntimeError),
}


@pytest.mark.parametrize("told", WRONG)
def test_what_cannot_be_drawn_is_told(told: str) -> None:
    wrong, kind = WRONG[told]
    with pytest.raises(kind) as caught:
        wrong(Canvas(100, 100))
    assert told in str(caught.value)
