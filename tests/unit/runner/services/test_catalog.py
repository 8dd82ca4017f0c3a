"""Definition files: found, left out, repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_runner.errors import ServiceError
from polykernel_runner.services.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path

GOOD = '{"command": ["serve"]}'


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    return first, second


def test_files_of_all_directories_by_name(places: tuple[Path, Path]) -> None:
    (places[1] / "b.json").write_text(GOOD)
    (places[0] / "c.json").write_text(GOOD)
    (places[1] / "a.json").write_text(GOOD)
    (places[1] / "notes.txt").write_text("no definition")
    (places[1] / ".a.json").write_text("an editor's")
    assert [each.name for each in Catalog(places).all()] == ["a", "b", "c"]


def test_of_two_of_a_name_the_first_directory_s_counts(
    places: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    (places[0] / "a.json").write_text('{"command": ["first"]}')
    (places[1] / "a.json").write_text('{"command": ["second"]}')
    assert Catalog(places).find("a").command == ("first",)
    assert f"{places[1]}/a.json is left out: another file defines" in caplog.text


def test_defect_26_a_bad_file_is_skipped_and_named(
    places: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    (places[0] / "bad.json").write_text('{"command": ["x"], "colour": "red"}')
    (places[0] / "gone.json").symlink_to("nowhere")
    (places[0] / "good.json").write_text(GOOD)
    catalog = Catalog(places)
    assert [each.name for each in catalog.all()] == ["good"]
    assert f"{places[0]}/bad.json is left out: the definition has 'colour'" in caplog.text
    assert f"{places[0]}/gone.json is left out: " in caplog.text
    with pytest.raises(ServiceError, match=r"bad\.json is left out: .*'colour'"):
        catalog.find("bad")
    count = len(caplog.records)
    catalog.all()
    assert len(caplog.records) == count, "it is said once"


def test_a_file_that_is_repaired_needs_no_restart(places: tuple[Path, Path]) -> None:
    file = places[0] / "web.json"
    file.write_text("{")
    catalog = Catalog(places)
    assert not catalog.all()
    file.write_text(GOOD)
    assert catalog.find("web").command == ("serve",)
    file.unlink()
    assert not catalog.all()


def test_an_unknown_one_names_the_known(places: tuple[Path, Path]) -> None:
    for name in ("b", "a"):
        (places[0] / f"{name}.json").write_text(GOOD)
    with pytest.raises(ServiceError) as caught:
        Catalog(places).find("c")
    assert str(caught.value) == "there is no service 'c'; those of this image are: a, b"


def test_without_directories_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="those of this image are: none"):
        Catalog((tmp_path / "nowhere",)).find("c")


def test_what_is_no_directory_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    assert not Catalog((tmp_path / "file",)).all()
    assert f"no service definitions are read from {tmp_path}/file: " in caplog.text
