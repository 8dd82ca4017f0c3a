"""Plots for docs/performance.md: how ours compares, and how cost grows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from bench.figures import ORIGINAL
from bench.table import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from bench.curves import Curve
    from bench.figures import Measured

# Texts stay texts, and the same figures give the same bytes.
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "polykernel"}
FLOOR_COLOUR, ORIGINAL_COLOUR = "#9a9a9a", "#2f6f9f"


def leads(measured: Sequence[Measured]) -> str:
    """A bar for each comparison: how many times as fast, or as small, ours is."""
    bars = [
        (f"{each.figure.title} / {name}", each.lead(name), name == ORIGINAL)
        for each in measured
        for name in each.others
    ]
    canvas, axes = _canvas(height=1 + 0.25 * len(bars))
    for row, (_, lead, original) in enumerate(reversed(bars)):
        colour = ORIGINAL_COLOUR if original else FLOOR_COLOUR
        # From 1, which is "the same", to either side.
        axes.barh(row, lead - 1, left=1, color=colour, height=0.7)
        axes.annotate(f" {lead:.2f} ", (max(lead, 1), row), va="center", fontsize=7)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(bars)), [label for label, _, _ in reversed(bars)], fontsize=7)
    axes.set_xlabel(
        "times as good as the original (blue), and as floors and plain containers (grey)"
    )
    return _svg(canvas)


def growth(curve: Curve) -> str:
    """Time and memory against size, in logarithms both ways."""
    canvas, axes = _canvas(height=4)
    sizes = [point.size for point in curve.points]
    axes.loglog(sizes, [point.seconds for point in curve.points], "o-", color=ORIGINAL_COLOUR)
    axes.set_xlabel(curve.of)
    axes.set_ylabel(f"seconds (slope {curve.slope():.2f})", color=ORIGINAL_COLOUR)
    beside = axes.twinx()
    held = [point.memory for point in curve.points]
    beside.loglog(sizes, held, "s--", color=FLOOR_COLOUR)
    beside.set_ylim(min(held) / 4, max(held) * 4)
    beside.set_ylabel(f"memory: {curve.memory_of}, at most {quantity(max(held), 'B')}")
    axes.set_title(curve.title)
    return _svg(canvas)


def _canvas(*, height: float) -> tuple[Canvas, Axes]:
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(9, height), layout="constrained")
    return canvas, canvas.add_subplot()


def _svg(canvas: Canvas) -> str:
    from matplotlib import rc_context

    stream = io.StringIO()
    with rc_context(STYLE):
        canvas.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()
