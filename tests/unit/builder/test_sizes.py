from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_builder.errors import DefinitionError
from polykernel_builder.sizes import (
    GrownError,
    RecordedSize,
    load_sizes,
    outgrown,
    record,
    save_sizes,
)

if TYPE_CHECKING:
    from pathlib import Path

OLD = {"c": RecordedSize(1000), "rust": RecordedSize(2000, "cargo")}


def test_an_image_may_grow_by_five_percent() -> None:
    assert outgrown(OLD, {"c": 1050, "rust": 10, "new": 10**9}) == []
    (line,) = outgrown(OLD, {"c": 1051, "rust": 2000})
    assert line.startswith("c: 1051 bytes are 5.1 % more than the recorded 1000; ")
    assert line.endswith("invoke size --lang c --record --note TEXT")


def test_more_is_recorded_with_a_note_only() -> None:
    with pytest.raises(GrownError) as caught:
        record(OLD, {"c": 2000, "rust": 4000}, None)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["c", "rust"]

    sizes = record(OLD, {"c": 2000}, "a debugger")
    assert sizes == {**OLD, "c": RecordedSize(2000, "a debugger")}
    assert outgrown(sizes, {"c": 2000}) == []


def test_a_note_goes_to_those_that_have_grown() -> None:
    sizes = record(OLD, {"c": 2000, "rust": 2001, "new": 5}, "why")
    assert sizes == {
        "c": RecordedSize(2000, "why"),
        "rust": RecordedSize(2001, "cargo"),
        "new": RecordedSize(5),
    }


def test_a_note_goes_with_what_it_was_of() -> None:
    assert record(OLD, {"rust": 1500}, None)["rust"] == RecordedSize(1500)


def test_sizes_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "sizes.json"
    assert load_sizes(path) == {}
    save_sizes(path, OLD)
    assert load_sizes(path) == OLD


@pytest.mark.parametrize("text", ["", "[]", '{"c": 5}', '{"c": {}}', '{"c": {"bytes": "many"}}'])
def test_sizes_that_are_none_say_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sizes.json"
    path.write_text(text)
    with pytest.raises(DefinitionError, match=r"sizes\.json: .* invoke size --record"):
        load_sizes(path)
