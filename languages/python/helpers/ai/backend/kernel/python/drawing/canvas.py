"""See `polykernel_helpers.drawing`."""

from polykernel_helpers.drawing.canvas import Canvas
from polykernel_helpers.drawing.objects import DrawingObject

__all__ = ("Canvas", "DrawingObject")
