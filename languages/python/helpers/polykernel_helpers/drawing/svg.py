"""An SVG document that stands still in what it comes to, and where it can, shows how."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from polykernel_helpers.drawing.looks import ROTATION, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polykernel_helpers.drawing.shapes import Number
    from polykernel_helpers.drawing.timeline import Item

# Seconds that an animation may take; one of many steps goes faster.
MOST = 20.0


def to_svg(size: tuple[Number, Number], items: Sequence[Item], duration: float) -> str:
    """Return the document: attributes say the end, animations what they were until then.

    `items` are from the back to the front, `duration` and their frames in seconds.
    """
    width, height = map(text, size)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
        },
    )
    shapes = ET.SubElement(root, "g", {"fill": "none", "stroke-width": "2"})
    for item in items:
        _add(shapes, item, duration)
    return ET.tostring(root, encoding="unicode")


def _add(parent: ET.Element, item: Item, duration: float) -> None:
    look = {name: value for name, value in item.look.items() if not _goes_without(name, value)}
    if rotation := look.pop(ROTATION, None):
        look["transform"] = f"rotate({rotation})"
    element = ET.SubElement(parent, item.tag, look)
    for name, frames in item.frames.items() if duration else ():
        if all(_goes_without(name, value) for _, value in frames):
            continue
        moments = [(0.0, frames[0][1]), *frames, (duration, frames[-1][1])]
        animation = {
            "attributeName": name,
            "dur": f"{text(min(duration, MOST))}s",
            "fill": "freeze",
            "keyTimes": ";".join(f"{moment / duration:.6g}" for moment, _ in moments),
            "values": ";".join(value for _, value in moments),
        }
        if name == ROTATION:
            animation |= {"attributeName": "transform", "type": "rotate"}
            ET.SubElement(element, "animateTransform", animation)
        else:
            ET.SubElement(element, "animate", animation)


def _goes_without(name: str, value: str) -> bool:
    """Whether an attribute says what is so anyway."""
    return (name.endswith("opacity") and value == "1") or (
        name == ROTATION and value.startswith("0 ")
    )
