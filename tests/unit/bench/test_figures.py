from __future__ import annotations

import pytest
from bench.figures import ORIGINAL, OURS, Figure, Goal, Measured, Unit, spread


def measured(ours: float, other: float, unit: Unit, *goals: Goal) -> Measured:
    figure = Figure(name="it", title="It", unit=unit, goals=goals)
    return Measured(figure, {"floor": [other], OURS: [ours], ORIGINAL: [other]})


def test_one_sample_that_is_far_off_moves_neither_median_nor_quartiles() -> None:
    found = spread([10.0, 11.0, 12.0, 13.0, 900.0])

    assert (found.median, found.low, found.high, found.count) == (12.0, 11.0, 13.0, 5)


def test_the_spread_of_few_samples_is_their_extremes() -> None:
    found = spread([3.0, 1.0, 2.0])

    assert (found.median, found.low, found.high) == (2.0, 1.0, 3.0)


def test_of_two_the_median_is_between_them() -> None:
    assert spread([1.0, 2.0]).median == 1.5


@pytest.mark.parametrize(
    ("unit", "ratio", "lead"), [("s", 0.25, 4.0), ("B", 0.25, 4.0), ("B/s", 0.25, 0.25)]
)
def test_less_time_is_a_lead_and_a_lower_rate_is_not(unit: Unit, ratio: float, lead: float) -> None:
    found = measured(1.0, 4.0, unit)

    assert found.ratio(ORIGINAL) == ratio
    assert found.lead(ORIGINAL) == lead


@pytest.mark.parametrize(
    ("unit", "bound", "met"),
    [("s", 0.5, True), ("s", 0.2, False), ("B/s", 0.2, True), ("B/s", 0.5, False)],
)
def test_a_goal_is_a_most_for_times_and_a_least_for_rates(
    unit: Unit, bound: float, *, met: bool
) -> None:
    (kept,) = measured(1.0, 4.0, unit, Goal(against=ORIGINAL, bound=bound)).kept()

    assert (kept.reached, kept.met) == (0.25, met)


def test_a_goal_against_nobody_bounds_ours_itself() -> None:
    (kept,) = measured(65e6, 1.0, "B", Goal(against=None, bound=64e6)).kept()

    assert (kept.reached, kept.met) == (65e6, False)


def test_a_goal_against_who_was_not_measured_is_not_told_of() -> None:
    assert measured(1.0, 1.0, "s", Goal(against="somebody else", bound=1)).kept() == ()


def test_the_original_comes_first_and_ours_is_no_other() -> None:
    assert measured(1.0, 1.0, "s").others == (ORIGINAL, "floor")
