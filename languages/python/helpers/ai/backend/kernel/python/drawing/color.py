"""See `polykernel_helpers.drawing`."""

from polykernel_helpers.drawing.color import Color, Colors

__all__ = ("Color", "Colors")
