"""Colours and vectors."""

from __future__ import annotations

import math

import pytest

from polykernel_helpers.drawing import Canvas, Color, Colors, Vec2D


def test_a_colour_is_the_same_in_every_notation() -> None:
    color = Color(255, 128, 0, 64)

    assert (color.to_hex(), color.to_hex(include_alpha=False)) == ("#ff800040", "#ff8000")
    assert (color.to_bytes(), color.to_rgba()) == (b"\xff\x80\x00\x40", "rgba(255,128,0,64)")
    assert Color.from_hex("#ff800040") == Color.from_bytes(b"\xff\x80\x00\x40") == color
    assert Color.from_rgba([255, 128, 0, 64]) == color
    assert Color.from_hex("ff8000") == Color(255, 128, 0)


def test_named_colours_are_colours() -> None:
    assert Colors.Red == Color(255, 0, 0)
    assert {Colors.Red, Color(255, 0, 0)} == {Color(255, 0, 0)}
    assert Colors["Cyan"].to_hex() == "#00ffffff"
    assert Colors.from_rgba([1, 2, 3, 4]) == Color(1, 2, 3, 4)
    assert [color.name for color in Colors] == [
        *("Transparent", "Black", "Gray", "White", "Red"),
        *("Green", "Blue", "Yellow", "Magenta", "Cyan"),
    ]


@pytest.mark.parametrize("text", ["red", "#12345", "#1234567", "#gggggg", ""])
def test_a_text_that_is_no_colour_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="a colour is like '#ff8000'"):
        Color.from_hex(text)


@pytest.mark.parametrize("value", [-1, 256, 0.5])
def test_a_part_out_of_range_is_told(value: float) -> None:
    with pytest.raises(ValueError, match="green must be a whole number from 0 to 255"):
        Color(0, value, 0)  # type: ignore[arg-type]


def test_vectors_are_pairs_with_arithmetic() -> None:
    one, other = Vec2D(3, 4), Vec2D(1, -1)

    assert one + other == (4, 3)
    assert one - other == (2, 5)
    assert -one == (-3, -4)
    assert (one * other, one * 2, 2 * one) == (-1, (6, 8), (6, 8))
    assert abs(one) == 5.0
    assert repr(one.rotate(90)) == "(-4.00,3.00)"


def test_a_turtle_knows_where_it_is() -> None:
    turtle = Canvas(100, 100).create_turtle()
    turtle.right(90)
    turtle.forward(10)
    turtle.left(45)
    turtle.forward(math.sqrt(2))

    assert repr(turtle.pos()) == "(1.00,11.00)"
    turtle.setpos((10, 10))
    assert turtle.pos() == (10, 10)
