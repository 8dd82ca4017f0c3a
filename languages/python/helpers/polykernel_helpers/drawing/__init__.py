"""Drawing with simple shapes and a turtle, shown step by step.

Clients of the original replay the commands; every other one gets an SVG picture.
"""

from polykernel_helpers.drawing.canvas import Canvas
from polykernel_helpers.drawing.color import Color, Colors
from polykernel_helpers.drawing.turtle import Turtle, Vec2D

__all__ = ("Canvas", "Color", "Colors", "Turtle", "Vec2D")
