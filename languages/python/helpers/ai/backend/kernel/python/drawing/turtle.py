"""See `polykernel_helpers.drawing`."""

from polykernel_helpers.drawing.turtle import Turtle, Vec2D

__all__ = ("Turtle", "Vec2D")
