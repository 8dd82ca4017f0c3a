"""A drawing, and the ways to see it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_helpers.drawing.color import Color, Colors
from polykernel_helpers.drawing.display import DRAWING, SVG, notebook_display
from polykernel_helpers.drawing.encoding import encode_commands
from polykernel_helpers.drawing.scene import Scene
from polykernel_helpers.drawing.surface import Surface
from polykernel_helpers.drawing.turtle import Turtle

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from polykernel_helpers.drawing.commands import Command
    from polykernel_helpers.drawing.shapes import Number

_ids = itertools.count()


class Canvas(Surface):
    """What is drawn on; see `Surface` for how.

    As the last expression of a cell it shows itself.
    """

    def __init__(
        self,
        width: Number,
        height: Number,
        bgcolor: Color = Colors.White,
        fgcolor: Color = Colors.Black,
    ) -> None:
        super().__init__(width, height, bgcolor, fgcolor)
        self._id = next(_ids)
        self._scene = Scene()
        self._shown = 0

    def show(self) -> None:
        """Show what was drawn, and replay what is new since it was shown last.

        Where there is nothing to show it with, the picture goes into a file in the working
        directory: `canvas-1.svg` for the first canvas, and so on.
        """
        new = self._commands[self._shown :]
        self._scene.settle()
        self._scene.play(new)
        self._shown = len(self._commands)
        display = notebook_display()
        if display is None:
            path = self.save(f"canvas-{self._id + 1}.svg")
            sys.stderr.write(f"the drawing is in {path}\n")
            return
        display({DRAWING: self._encoded(new)}, raw=True)
        display({SVG: self._scene.to_svg()}, raw=True)

    def update(self) -> None:
        """Do what `show` does."""
        self.show()

    def to_svg(self) -> str:
        """Return the picture, which replays the drawing from its beginning."""
        scene = Scene()
        scene.play(self._commands)
        return scene.to_svg()

    def to_commands(self) -> str:
        """Return all commands so far, as clients of the original decode them."""
        return self._encoded(self._commands)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write what `to_svg` returns; return the path."""
        Path(path).write_text(self.to_svg(), encoding="utf-8")
        return Path(path)

    def _ipython_display_(self) -> None:
        self.show()

    def create_turtle(self) -> Turtle:
        """Put a turtle into the middle."""
        return Turtle(self)

    def _encoded(self, commands: Sequence[Command]) -> str:
        return encode_commands([(self._id, *command.operands()) for command in commands])
