"""The part of docs/performance.md that is made from what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import plot, table
from bench.errors import BenchError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.report import Report

BEGIN = "<!-- made by `invoke bench --write-docs`; do not edit up to the end -->"
END = "<!-- the end -->"
PLOT = "performance.svg"


def write(docs: Path, report: Report) -> None:
    """Write the plots, and what the page says of them.

    Raises:
        BenchError: the page has no place for it.
    """
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{page}: the lines {BEGIN!r} and {END!r} are missing; put them back")
    parts = [f"Measured on {report.machine}.\n", table.markdown(report)]
    if report.measured:
        (docs / PLOT).write_text(plot.leads(report.measured), encoding="utf-8")
        parts.append(f"![How ours compares]({PLOT})\n")
    for curve in report.curves:
        name = f"performance-{curve.name}.svg"
        (docs / name).write_text(plot.growth(curve), encoding="utf-8")
        parts.append(f"![{curve.title}]({name})\n")
    made = "\n".join(parts)
    page.write_text(f"{before}{begin}\n\n{made}\n{end}{after}", encoding="utf-8")
