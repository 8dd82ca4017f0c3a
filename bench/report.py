"""What a run measured, as a file: the samples, and on what machine they were taken."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.curves import Curve, Point
from bench.errors import BenchError, SlowerError
from bench.figures import Figure, Goal, Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.machine import Machine

# A ratio may become this much of the committed one, and no less.
ALLOWED = 2 / 3


@dataclass(frozen=True, slots=True)
class Report:
    """All of one run."""

    machine: Machine
    measured: tuple[Measured, ...] = ()
    curves: tuple[Curve, ...] = ()

    def find(self, name: str) -> Measured | None:
        """Return what was measured of a figure."""
        return next((each for each in self.measured if each.figure.name == name), None)


def dump(report: Report) -> str:
    """Return JSON for machines; medians and ratios are there for who does not want to count."""
    whole = {
        "machine": asdict(report.machine),
        "figures": [_figure(measured) for measured in report.measured],
        "curves": [asdict(curve) | {"slope": curve.slope()} for curve in report.curves],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _figure(measured: Measured) -> dict[str, Any]:
    return {
        **asdict(measured.figure),
        "sides": {
            name: {**asdict(measured.spread(name)), "samples": list(samples)}
            for name, samples in measured.samples.items()
        },
        "ratios": {name: measured.ratio(name) for name in measured.others},
        "kept": [
            {"against": kept.goal.against, "reached": kept.reached, "met": kept.met}
            for kept in measured.kept()
        ],
    }


def load(path: Path) -> Report:
    """Read what `dump` wrote.

    Raises:
        BenchError: the file is not there, or is something else.
    """
    from bench.machine import Machine

    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        return Report(
            machine=Machine(**whole["machine"]),
            measured=tuple(map(_measured, whole["figures"])),
            curves=tuple(map(_curve, whole["curves"])),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BenchError(
            f"{path}: cannot be read ({error!r}); make it: invoke bench --against-original --json"
            f" {path}"
        ) from error


def _measured(found: dict[str, Any]) -> Measured:
    figure = Figure(
        name=found["name"],
        title=found["title"],
        unit=found["unit"],
        goals=tuple(Goal(**goal) for goal in found["goals"]),
    )
    samples = {name: tuple(map(float, side["samples"])) for name, side in found["sides"].items()}
    return Measured(figure, samples)


def _curve(found: dict[str, Any]) -> Curve:
    found.pop("slope")
    points = tuple(Point(**point) for point in found.pop("points"))
    return Curve(**found, points=points)


@dataclass(frozen=True, slots=True)
class Fallen:
    """How many times better ours was than another, and is."""

    figure: str
    other: str
    was: float
    now: float

    def __str__(self) -> str:
        return (
            f"{self.figure} against {self.other}: {self.was:.2f} times better before,"
            f" {self.now:.2f} now"
        )


def fallen(now: Report, committed: Report) -> list[Fallen]:
    """Return the ratios that have fallen by more than a third; what either lacks is left out.

    Raises:
        BenchError: the two have nothing in common.
    """
    compared = [*_leads(now, committed)]
    if not compared:
        raise BenchError("nothing that was measured now is in the committed report")
    return [each for each in compared if each.now < each.was * ALLOWED]


def check(now: Report, committed: Report) -> None:
    """Hold ratios against those of an earlier report.

    Raises:
        SlowerError: one has fallen by more than a third; names each.
        BenchError: the two have nothing in common.
    """
    if slower := fallen(now, committed):
        raise SlowerError("slower by more than a third:\n  " + "\n  ".join(map(str, slower)))


def _leads(now: Report, committed: Report) -> Iterator[Fallen]:
    for measured in now.measured:
        before = committed.find(measured.figure.name)
        for other in measured.others:
            if before is not None and other in before.samples:
                yield Fallen(measured.figure.name, other, before.lead(other), measured.lead(other))


def merged(before: Report, now: Report) -> Report:
    """Return both, what was measured anew in the place of what was before; `now` says where."""
    figures = {each.figure.name: each for each in (*before.measured, *now.measured)}
    curves = {each.name: each for each in (*before.curves, *now.curves)}
    return Report(now.machine, tuple(figures.values()), tuple(curves.values()))
