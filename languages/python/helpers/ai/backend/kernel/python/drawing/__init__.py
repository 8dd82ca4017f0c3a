"""The names of the original's drawing package, for programs that were written for it."""

from polykernel_helpers.drawing import Canvas, Color, Colors, Turtle, Vec2D

__all__ = ("Canvas", "Color", "Colors", "Turtle", "Vec2D")
