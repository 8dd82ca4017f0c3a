"""The runner's dataclasses behave as the standard library's."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, replace
from typing import Any

import pytest

from polykernel_runner.dataclass import dataclass

Make = Callable[..., Any]


def points(make: Make) -> tuple[type[Any], type[Any]]:
    """The same two classes, by either decorator."""

    @make(frozen=True, slots=True)
    class Point:
        """With fields that may be given by place."""

        x: int
        y: int = 0
        tags: list[str] = field(default_factory=list)

    @make(slots=True, kw_only=True, eq=False)
    class Open:
        """With fields that may change."""

        name: str

        def __post_init__(self) -> None:
            self.name = self.name.upper()

    return Point, Open


@pytest.fixture(params=[dataclass, dataclasses.dataclass], ids=["ours", "library"])
def made(request: pytest.FixtureRequest) -> tuple[type[Any], type[Any]]:
    return points(request.param)


def test_values_are_given_by_place_by_name_or_by_default(made: tuple[type, type]) -> None:
    point, opened = made
    assert [point(1), point(1, 0), point(x=1), point(1, y=0, tags=[])] == [point(x=1, y=0)] * 4
    assert point(1).tags is not point(1).tags
    assert point(1) != point(2)
    assert opened(name="a") != opened(name="a")
    assert opened(name="a").name == "A"


def test_what_is_frozen_stays_and_can_be_a_key(made: tuple[type, type]) -> None:
    point, opened = made
    one: Any = point(1, 2, ())
    with pytest.raises(FrozenInstanceError):
        one.x = 3
    with pytest.raises(FrozenInstanceError):
        del one.x
    assert {one: "there"}[point(1, 2, ())] == "there"
    assert (replace(one, x=5).x, one.x) == (5, 1)
    other: Any = opened(name="a")
    other.name = "b"
    assert other.name == "b"


def test_what_the_library_tells_of_them_it_tells_of_ours(made: tuple[type, type]) -> None:
    point: Any = made[0]
    opened = made[1]
    assert repr(point(1)).endswith("Point(x=1, y=0, tags=[])")
    assert dataclasses.asdict(point(1)) == {"x": 1, "y": 0, "tags": []}
    assert [item.name for item in dataclasses.fields(opened)] == ["name"]
    assert not hasattr(point(1), "__dict__")
    match point(1, 2):
        case point(x, y):
            assert (x, y) == (1, 2)


@pytest.mark.parametrize(
    ("args", "named"), [((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 2}), ((1,), {"z": 2})]
)
def test_wrong_values_are_refused(
    made: tuple[type, type], args: tuple[Any, ...], named: dict[str, Any]
) -> None:
    point, opened = made
    with pytest.raises(TypeError):
        point(*args, **named)
    with pytest.raises(TypeError):
        opened("a")
