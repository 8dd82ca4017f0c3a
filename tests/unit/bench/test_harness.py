from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from bench.errors import BenchError
from bench.figures import OURS, Figure
from bench.harness import Experiment, chosen, measure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from bench.harness import Sampler, Side

TIME = Figure(name="time", title="Time", unit="s")
SPACE = Figure(name="space", title="Space", unit="B")


def ignore(_: str) -> None:
    pass


class Sides:
    """Sides that count up, and note what is done to them."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def side(self, name: str, *figures: str, fails: bool = False) -> Side:
        @contextmanager
        def side() -> Iterator[Sampler]:
            values = iter(range(1, 100))

            def sample() -> dict[str, float]:
                self.events.append(name)
                if fails:
                    raise BenchError("it failed")
                value = float(next(values))
                return dict.fromkeys(figures, value)

            self.events.append(f"open {name}")
            try:
                yield sample
            finally:
                self.events.append(f"close {name}")

        return side


def experiment(sides: dict[str, Side], name: str = "both", **more: int) -> Experiment:
    return Experiment(name=name, figures=(TIME, SPACE), sides=sides, rounds=2, **more)


def test_sides_are_sampled_in_turn_between_opening_and_closing() -> None:
    sides = Sides()
    both = experiment({OURS: sides.side(OURS, "time"), "it": sides.side("it", "time")})

    (found,) = measure(both, 2, ignore, ignore)

    assert sides.events == ["open ours", "open it", *(["ours", "it"] * 2), "close it", "close ours"]
    assert found.samples == {OURS: [1.0, 2.0], "it": [1.0, 2.0]}


def test_what_warms_up_does_not_count() -> None:
    sides = Sides()
    one = experiment({OURS: sides.side(OURS, "time")}, warmup=3)

    (found,) = measure(one, 2, ignore, ignore)

    assert found.samples == {OURS: [4.0, 5.0]}


def test_a_sample_may_be_of_several_figures_and_a_side_lack_one() -> None:
    sides = Sides()
    both = experiment({OURS: sides.side(OURS, "time", "space"), "it": sides.side("it", "time")})

    time, space = measure(both, 1, ignore, ignore)

    assert (set(time.samples), set(space.samples)) == ({OURS, "it"}, {OURS})


def test_ours_that_fails_ends_it_and_closes_all() -> None:
    sides = Sides()
    both = experiment({"it": sides.side("it", "time"), OURS: sides.side(OURS, fails=True)})

    with pytest.raises(BenchError, match="it failed"):
        list(measure(both, 2, ignore, ignore))

    assert sides.events[-2:] == ["close ours", "close it"]


def test_another_that_fails_is_left_out_and_told_of_once() -> None:
    sides = Sides()
    both = experiment({"it": sides.side("it", fails=True), OURS: sides.side(OURS, "time")})
    lost: list[str] = []

    (found,) = measure(both, 9, ignore, lost.append)

    assert found.samples == {OURS: [float(number) for number in range(1, 10)]}
    assert sides.events.count("it") == 3
    assert lost == ["both, it: it failed"]


def test_another_that_cannot_be_opened_is_left_out() -> None:
    def broken() -> AbstractContextManager[Sampler]:
        raise BenchError("it does not start")

    sides = Sides()
    both = experiment({"it": broken, OURS: sides.side(OURS, "time")})
    lost: list[str] = []

    (found,) = measure(both, 1, ignore, lost.append)

    assert set(found.samples) == {OURS}
    assert lost == ["both, it: it does not start"]


def test_experiments_are_chosen_by_their_name_or_a_figures() -> None:
    first, second = (
        experiment({}, "first"),
        Experiment(
            name="second", figures=(Figure(name="other", title="", unit="s"),), sides={}, rounds=1
        ),
    )

    assert chosen([first, second], ["space"], short=False) == [first]
    assert chosen([first, second], ["second"], short=True) == [second]
    assert chosen([first, second], [], short=False) == [first, second]


def test_the_short_version_has_those_that_say_so() -> None:
    long, short = experiment({}, "long"), experiment({}, "short", short=1)

    assert chosen([long, short], [], short=True) == [short]


def test_a_name_that_is_nobodys_is_told_with_those_that_are() -> None:
    with pytest.raises(BenchError, match=r"no figure tim; there are both, space, time"):
        chosen([experiment({})], ["tim"], short=False)
