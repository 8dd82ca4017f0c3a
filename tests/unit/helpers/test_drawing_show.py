"""A program that shows a drawing where nobody shows pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

    from support.pythons import Python

DRAW = """
from polykernel_helpers.drawing import Canvas
first, second = Canvas(10, 20), Canvas(30, 40)
first.circle(5, 5, 2)
first.show()
second.update()
first.line(0, 0, 9, 9)
first.show()
"""


def test_a_plain_program_leaves_its_pictures_in_files(python: Python, tmp_path: Path) -> None:
    done = python.run(DRAW)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "the drawing is in canvas-1.svg",
        "the drawing is in canvas-2.svg",
        "the drawing is in canvas-1.svg",
    ]
    first = ET.parse(tmp_path / "canvas-1.svg").getroot()  # noqa: S314 - our own
    assert [element.tag.rpartition("}")[2] for element in first[0]] == ["rect", "circle", "line"]
    second = ET.parse(tmp_path / "canvas-2.svg").getroot()  # noqa: S314 - our own
    assert second.attrib["width"] == "30"


def test_a_picture_can_be_saved_anywhere(python: Python, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    code = """
from polykernel_helpers.drawing import Canvas
canvas = Canvas(10, 20)
print(canvas.save("pictures/mine.svg"))
assert open("pictures/mine.svg").read() == canvas.to_svg()
"""
    assert python.prints(code) == "pictures/mine.svg\n"


def test_programs_for_the_original_find_all_its_names(python: Python) -> None:
    code = """
import polykernel_helpers.drawing as ours
from ai.backend.helpers.package import install
from ai.backend.kernel.python import drawing
from ai.backend.kernel.python.drawing.canvas import Canvas
from ai.backend.kernel.python.drawing.color import Color, Colors
from ai.backend.kernel.python.drawing.encoding import decode_commands, encode_commands
from ai.backend.kernel.python.drawing.turtle import Turtle, Vec2D
for name in drawing.__all__:
    assert getattr(drawing, name) is getattr(ours, name) is globals()[name], name
print(decode_commands(encode_commands([(0, "end-fill")])), sorted(drawing.__all__))
import ai, ai.backend, ai.backend.kernel
print([package.__file__ for package in (ai, ai.backend, ai.backend.kernel)])
"""
    assert python.prints(code) == (
        "[[0, 'end-fill']] ['Canvas', 'Color', 'Colors', 'Turtle', 'Vec2D']\n[None, None, None]\n"
    )
