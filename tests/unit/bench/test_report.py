from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bench.curves import Curve, Point
from bench.errors import BenchError, SlowerError
from bench.figures import ORIGINAL, OURS, Figure, Goal, Measured
from bench.report import Report, check, dump, load, merged

if TYPE_CHECKING:
    from pathlib import Path

    from bench.machine import Machine

TIME = Figure(name="time", title="Time", unit="s", goals=(Goal(against=ORIGINAL, bound=0.5),))
RATE = Figure(name="rate", title="Rate", unit="B/s")
CURVE = Curve(
    name="growth-it",
    title="It",
    of="things",
    memory_of="it",
    flat=True,
    points=(
        Point(size=1, seconds=0.5, memory=1e6),
        Point(size=10, seconds=5.0, memory=1e6),
    ),
)


def report(machine: Machine, *, time: float = 1.0, rate: float = 100.0) -> Report:
    measured = (
        Measured(TIME, {OURS: (time, time), ORIGINAL: (4.0, 4.0)}),
        Measured(RATE, {OURS: (rate,), "floor": (200.0,)}),
    )
    return Report(machine, measured, (CURVE,))


def test_what_was_written_is_read_again(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    path.write_text(dump(report(machine)))

    assert load(path) == report(machine)


def test_a_machine_reads_medians_ratios_and_goals(machine: Machine) -> None:
    time, rate = json.loads(dump(report(machine)))["figures"]

    assert time["sides"][OURS]["median"] == 1.0
    assert time["ratios"] == {ORIGINAL: 0.25}
    assert time["kept"] == [{"against": ORIGINAL, "reached": 0.25, "met": True}]
    assert rate["ratios"] == {"floor": 0.5}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"machine": {}, "figures": [], "curves": []}'])
def test_a_file_that_is_something_else_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    path.write_text(text)

    with pytest.raises(BenchError, match=r"found\.json: cannot be read .* invoke bench"):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"none\.json: cannot be read"):
        load(tmp_path / "none.json")


@pytest.mark.parametrize(("time", "rate"), [(1.0, 100.0), (1.49, 100.0), (0.1, 67.0)])
def test_a_third_less_is_allowed(machine: Machine, time: float, rate: float) -> None:
    check(report(machine, time=time, rate=rate), report(machine))


@pytest.mark.parametrize(
    ("time", "rate", "told"),
    [
        (1.51, 100.0, r"time against original: 4\.00 times better before, 2\.65 now"),
        (1.0, 66.0, r"rate against floor: 0\.50 times better before, 0\.33 now"),
    ],
)
def test_more_than_a_third_less_fails_and_says_what(
    machine: Machine, time: float, rate: float, told: str
) -> None:
    with pytest.raises(SlowerError, match=told):
        check(report(machine, time=time, rate=rate), report(machine))


def test_what_only_one_of_them_has_is_left_out(machine: Machine) -> None:
    now = report(machine, time=100.0)
    committed = replace(report(machine), measured=report(machine).measured[1:])

    check(now, committed)


def test_to_compare_nothing_is_no_success(machine: Machine) -> None:
    with pytest.raises(BenchError, match="nothing that was measured now"):
        check(report(machine), Report(machine))


def test_what_is_measured_anew_takes_the_place_of_the_old(machine: Machine) -> None:
    before, now = report(machine), Report(machine, report(machine, time=3.0).measured[:1])

    both = merged(before, now)

    assert both.measured == (now.measured[0], before.measured[1])
    assert both.curves == before.curves
