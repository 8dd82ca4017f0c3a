"""A history as a picture: a row for each commit, newest first, lines to its parents."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from polykernel_git.lanes import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polykernel_git.history import Commit, Ref, RefKind
    from polykernel_git.lanes import Edge

ROW, LANE, MARGIN, RADIUS = 26, 18, 18, 5
FONT_SIZE = 13
CELL = FONT_SIZE * 0.6  # the width of a character, which is told to the viewer
GAP = 10
MOST_CELLS = 80
LINES = ("#0969da", "#cf222e", "#1a7f37", "#8250df", "#bf8700", "#bc4c00", "#0a7ea4", "#57606a")
LABELS: dict[RefKind, str] = {
    "head": "#ffd8b5",
    "branch": "#b6e3ff",
    "remote": "#d8dee4",
    "tag": "#fff1a8",
    "other": "#eaeef2",
}
# They turn the order of what stands behind them.
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
INK, FAINT, PAPER = "#1f2328", "#59636e", "#ffffff"


def draw(commits: Sequence[Commit]) -> bytes:
    """Return the picture of commits, of which children come before their parents: SVG, UTF-8."""
    layout = lay_out(commits)
    height = MARGIN * 2 + ROW * (len(commits) - 1)
    root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", height=str(height), role="img")
    ET.SubElement(root, "title").text = f"{len(commits)} commits"
    ET.SubElement(root, "rect", width="100%", height="100%", fill=PAPER)
    for edge in layout.edges:
        line = {"d": _path(edge, len(commits)), "stroke": _colour(edge.by), "fill": "none"}
        ET.SubElement(root, "path", {**line, "stroke-width": "2"})
    font = {"font-family": "monospace", "font-size": str(FONT_SIZE)}
    texts = ET.SubElement(root, "g", font)
    width = 0.0
    for row, (commit, lane) in enumerate(zip(commits, layout.lanes, strict=True)):
        x, y = _place(row, lane)
        dot = {"cx": f"{x:g}", "cy": f"{y:g}", "r": str(RADIUS), "fill": _colour(lane)}
        ET.SubElement(root, "circle", {**dot, "stroke": PAPER, "stroke-width": "2"})
        start = MARGIN + LANE * layout.width
        width = max(width, _describe(texts, commit, start, y))
    root.set("width", f"{width + MARGIN:g}")
    root.set("viewBox", f"0 0 {width + MARGIN:g} {height}")
    return ET.tostring(root, encoding="unicode").encode()


def _describe(parent: ET.Element, commit: Commit, x: float, y: float) -> float:
    """Write what a commit is, from `x` on; return where that ends."""
    x = _write(parent, commit.short_id, x, y, fill=FAINT) + GAP
    for ref in commit.refs:
        x = _label(parent, ref, x, y) + GAP
    x = _write(parent, commit.subject, x, y, fill=INK) + GAP
    return _write(parent, commit.author, x, y, fill=FAINT)


def _label(parent: ET.Element, ref: Ref, x: float, y: float) -> float:
    text = clean(ref.name)
    width = CELL * cells(text) + GAP
    box = {"x": x, "y": y - ROW / 2 + 3, "width": width, "height": ROW - 6, "rx": 4}
    numbers = {name: f"{value:g}" for name, value in box.items()}
    ET.SubElement(parent, "rect", {**numbers, "fill": LABELS[ref.kind]})
    weight = "bold" if ref.is_current else "normal"
    _write(parent, text, x + GAP / 2, y, fill=INK, weight=weight)
    return x + width


def _write(
    parent: ET.Element, text: str, x: float, y: float, *, fill: str, weight: str = "normal"
) -> float:
    text = clean(text)
    width = CELL * cells(text)
    # So it is as wide as it is taken for, whatever the font.
    place = {"x": f"{x:g}", "y": f"{y + FONT_SIZE / 3:g}", "textLength": f"{width:g}"}
    look = {"lengthAdjust": "spacingAndGlyphs", "fill": fill, "font-weight": weight}
    ET.SubElement(parent, "text", {**place, **look}).text = text
    return x + width


def _place(row: int, lane: int) -> tuple[float, float]:
    return MARGIN + LANE * lane, MARGIN + ROW * row


def _path(edge: Edge, rows: int) -> str:
    x, y = _place(edge.row, edge.lane)
    end_x, end = _place(edge.parent_row, edge.parent_lane)
    if edge.parent_row == rows:
        end -= ROW - MARGIN  # the picture's lower edge
    if edge.parent_row == edge.row + 1:
        return f"M{x:g} {y:g}{_bend(x, y, end_x, end)}"
    by, _ = _place(0, edge.by)
    return f"M{x:g} {y:g}{_bend(x, y, by, y + ROW)}V{end - ROW:g}{_bend(by, end - ROW, end_x, end)}"


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    if x == to_x:
        return f"V{to_y:g}"
    middle = (y + to_y) / 2
    return f"C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y:g}"


def _colour(lane: int) -> str:
    return LINES[lane % len(LINES)]


def clean(text: str) -> str:
    """Return a text that XML can hold and that says what it seems to, not too long."""
    shown = "".join(map(_visible, text[: MOST_CELLS * 2]))
    width = 0
    for index, char in enumerate(shown):
        width += cells(char)
        if width > MOST_CELLS:
            return f"{shown[: index - 1]}…"
    return shown


def _visible(char: str) -> str:
    """Return a character, or a mark for one that is none or changes what stands around it."""
    if char < " " or char == "\x7f":
        return chr(0x2400 + ord(char)) if char < " " else "\N{SYMBOL FOR DELETE}"
    hidden = unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}
    turns = unicodedata.bidirectional(char) in _TURNS
    return "\N{REPLACEMENT CHARACTER}" if hidden or turns else char


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
