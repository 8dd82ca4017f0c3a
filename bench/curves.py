"""How cost grows with size: points, and how steep they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# In a log-log plot a straight line of slope 1 is "twice as much takes twice as long".
STEEPEST = 1.15
FLATTEST = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`memory` is bytes, of what the curve says."""

    size: float
    seconds: float
    memory: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """`flat` says that memory should not grow; else it may as much as the size."""

    name: str
    title: str
    of: str
    memory_of: str
    flat: bool
    points: tuple[Point, ...]

    @property
    def upper(self) -> tuple[Point, ...]:
        """The upper half, where neither what each run costs anyway nor buffers that fill matter."""
        return self.points[-max(2, (len(self.points) + 1) // 2) :]

    def slope(self) -> float:
        """Of time, in the upper half."""
        return slope([point.size for point in self.upper], [point.seconds for point in self.upper])

    def memory_growth(self) -> float:
        """How many times as much memory the end of the upper half has as its beginning."""
        return self.upper[-1].memory / self.upper[0].memory

    @property
    def linear(self) -> bool:
        """Whether time grows no faster than size."""
        return self.slope() <= STEEPEST

    @property
    def as_flat_as_it_should_be(self) -> bool:
        """Whether memory stays, where it should."""
        return not self.flat or self.memory_growth() <= FLATTEST


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of the line through the logarithms, by least squares."""
    xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in seconds]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    across = sum((x - mean_x) ** 2 for x in xs)
    if across == 0:
        raise ValueError("a slope takes at least two sizes")
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / across
