from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.curves import Curve, Point

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 10, 100, 1000, 10_000)


def curve(
    seconds: Callable[[int], float],
    memory: Callable[[int], float] = lambda _: 1e6,
    *,
    flat: bool = True,
) -> Curve:
    points = tuple(Point(size=n, seconds=seconds(n), memory=memory(n)) for n in SIZES)
    return Curve(name="c", title="C", of="n", memory_of="it", flat=flat, points=points)


@pytest.mark.parametrize(("power", "linear"), [(0.5, True), (1, True), (1.3, False), (2, False)])
def test_time_may_grow_as_fast_as_size_and_no_faster(power: float, *, linear: bool) -> None:
    found = curve(lambda n: n**power)

    assert found.slope() == pytest.approx(power)
    assert found.linear is linear


def test_what_each_costs_anyway_does_not_hide_a_square() -> None:
    assert not curve(lambda n: 100 + n**2 / 1000).linear


def test_memory_that_should_stay_may_grow_by_half() -> None:
    assert curve(lambda n: n, lambda n: 1e6 + n * 40).as_flat_as_it_should_be
    assert not curve(lambda n: n, lambda n: 1e6 + n * 100).as_flat_as_it_should_be
    assert curve(lambda n: n, lambda n: 1e6 * n, flat=False).as_flat_as_it_should_be


def test_a_buffer_that_fills_is_no_growth() -> None:
    assert curve(lambda n: n, lambda n: 1e6 + min(n, 100) * 1e5).as_flat_as_it_should_be
