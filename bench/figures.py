"""What a figure is, what was measured of it, and what that comes to: pure, nothing runs here."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Unit: TypeAlias = Literal["s", "B", "B/s", "1/s"]

OURS, ORIGINAL = "ours", "original"
# Of what comes as a rate there can hardly be too much; of all else there is.
RATES: tuple[Unit, ...] = ("B/s", "1/s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound for the ratio of ours to another side; `against` None bounds ours itself.

    At most that, and for a rate at least.
    """

    against: str | None
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    title: str
    unit: Unit
    goals: tuple[Goal, ...] = ()

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self.unit in RATES


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, quartiles and number of samples; of few samples the quartiles are the extremes."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A goal, what was reached, and whether that is enough."""

    goal: Goal
    reached: float
    met: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with the samples of each side, ours among them."""

    figure: Figure
    samples: Mapping[str, Sequence[float]]

    def spread(self, side: str) -> Spread:
        """What a side's samples come to."""
        return spread(self.samples[side])

    @property
    def others(self) -> tuple[str, ...]:
        """The sides that ours is held against, the original first."""
        names = [name for name in self.samples if name != OURS]
        return tuple(sorted(names, key=lambda name: name != ORIGINAL))

    def ratio(self, against: str) -> float:
        """Return ours divided by another side, medians both."""
        return self.spread(OURS).median / self.spread(against).median

    def lead(self, against: str) -> float:
        """Return how many times better ours is, whatever the unit."""
        ratio = self.ratio(against)
        return ratio if self.figure.is_rate else 1 / ratio

    def kept(self) -> tuple[Kept, ...]:
        """Return the goals that can be told of with the sides that were measured."""
        return tuple(
            self._kept(goal)
            for goal in self.figure.goals
            if goal.against is None or goal.against in self.samples
        )

    def _kept(self, goal: Goal) -> Kept:
        ours = self.spread(OURS).median
        reached = ours if goal.against is None else self.ratio(goal.against)
        met = reached >= goal.bound if self.figure.is_rate else reached <= goal.bound
        return Kept(goal, reached, met)


def spread(samples: Sequence[float]) -> Spread:
    """Return what samples come to; there has to be one at least."""
    ordered = sorted(samples)
    low, high = ordered[0], ordered[-1]
    if len(ordered) > 3:  # noqa: PLR2004  quartiles of fewer would be made up
        low, _, high = statistics.quantiles(ordered, n=4, method="inclusive")
    return Spread(statistics.median(ordered), low, high, len(ordered))
