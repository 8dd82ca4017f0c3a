"""Tables of what was measured, for a terminal and for docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from bench.figures import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.curves import Curve
    from bench.figures import Figure, Kept, Measured, Spread, Unit
    from bench.report import Report

COLUMNS = ("figure", "ours", "against", "which needs", "ratio", "goal")
GROWTH = ("growth", "from", "to", "slope of time", "memory", "verdict")
MET, MISSED = "✓", "✗"


def terminal(report: Report) -> Iterator[Table]:
    """What was measured; figures and curves apart."""
    yield from (_rich(COLUMNS, _rows(report.measured)) for _ in report.measured[:1])
    yield from (_rich(GROWTH, _growth(report.curves)) for _ in report.curves[:1])


def markdown(report: Report) -> str:
    """The same for the page."""
    tables = []
    if report.measured:
        tables.append(_markdown(COLUMNS, _rows(report.measured)))
    if report.curves:
        tables.append(_markdown(GROWTH, _growth(report.curves)))
    return "\n".join(tables)


def missed(report: Report) -> list[str]:
    """The names of figures that miss a goal, and of curves that bend up."""
    figures = [
        measured.figure.name
        for measured in report.measured
        if not all(kept.met for kept in measured.kept())
    ]
    return figures + [
        curve.name
        for curve in report.curves
        if not (curve.linear and curve.as_flat_as_it_should_be)
    ]


def _rich(columns: Sequence[str], rows: Iterator[Sequence[str]]) -> Table:
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    return table


def _markdown(columns: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _rows(measured: Sequence[Measured]) -> Iterator[Sequence[str]]:
    """A line for each comparison; what they share stands in the first."""
    for each in measured:
        lines = [_line(each, name) for name in each.others]
        lines += [_absolute(each, kept) for kept in each.kept() if kept.goal.against is None]
        first = (each.figure.title, _shown(each.spread(OURS), each.figure.unit))
        for number, line in enumerate(lines or [("", "", "", "")]):
            yield (*(first if number == 0 else ("", "")), *line)


def _line(measured: Measured, other: str) -> Sequence[str]:
    goals = [_goal(measured.figure, kept) for kept in measured.kept() if kept.goal.against == other]
    shown = _shown(measured.spread(other), measured.figure.unit)
    return other, shown, f"{measured.ratio(other):.2f}", "; ".join(goals)


def _absolute(measured: Measured, kept: Kept) -> Sequence[str]:
    return "", "", "", _goal(measured.figure, kept)


def _goal(figure: Figure, kept: Kept) -> str:
    goal = kept.goal
    bound = f"{goal.bound:.3g}" if goal.against else quantity(goal.bound, figure.unit)
    return f"{MET if kept.met else MISSED} {'≥' if figure.is_rate else '≤'} {bound}"


def _growth(curves: Sequence[Curve]) -> Iterator[Sequence[str]]:
    for curve in curves:
        first, last = curve.points[0], curve.points[-1]
        well = curve.linear and curve.as_flat_as_it_should_be
        yield (
            curve.title,
            f"{first.size:g} {curve.of}: {quantity(first.seconds, 's')}",
            f"{last.size:g} {curve.of}: {quantity(last.seconds, 's')}",
            f"{curve.slope():.2f}",
            f"{curve.memory_of}: {quantity(first.memory, 'B')} to {quantity(last.memory, 'B')}",
            MET if well else MISSED,
        )


def _shown(spread: Spread, unit: Unit) -> str:
    if spread.count == 1:
        return quantity(spread.median, unit)
    # The ends of the spread in the unit of the median.
    scale, _ = _scale(spread.median, unit)
    ends = f"{spread.low / scale:.3g} to {spread.high / scale:.3g}"
    return f"{quantity(spread.median, unit)} ({ends})"


def quantity(value: float, unit: Unit) -> str:
    """A value for people: `15.8 ms`, `29 MB/s`."""
    scale, name = _scale(value, unit)
    return f"{value / scale:.3g} {name}"


def _scale(value: float, unit: Unit) -> tuple[float, str]:
    match unit:
        case "s":
            return (1, "s") if value >= 1 else (1e-3, "ms")
        case "1/s":
            return 1, "/s"
        case "B" | "B/s":
            suffix = unit.removeprefix("B")
            return (1e9, f"GB{suffix}") if value >= 1e9 else (1e6, f"MB{suffix}")  # noqa: PLR2004
