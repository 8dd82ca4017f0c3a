from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel import OptionError, files, read_program

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_goes_by_its_name(tmp_path: Path) -> None:
    tmp_path.joinpath("main.rs").write_bytes(b"\xff")

    assert read_program(tmp_path / "main.rs") == {"main.rs": b"\xff"}


def test_a_directory_is_sent_whole_but_for_hidden_files_and_ways_out(tmp_path: Path) -> None:
    tmp_path.joinpath("secret").write_text("s")
    top = tmp_path / "program"
    top.joinpath("src", "deep").mkdir(parents=True)
    top.joinpath(".git").mkdir()
    top.joinpath(".git", "config").write_text("c")
    top.joinpath("src", "deep", "a.rs").write_text("a")
    top.joinpath("Cargo.toml").write_text("t")
    top.joinpath("out").symlink_to(tmp_path / "secret")
    top.joinpath("in").symlink_to("Cargo.toml")

    assert read_program(top) == {"Cargo.toml": b"t", "src/deep/a.rs": b"a", "in": b"t"}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"no\.c cannot be read: No such file"):
        read_program(tmp_path / "no.c")


def test_an_empty_directory_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="holds no file"):
        read_program(tmp_path)


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 3)
    tmp_path.joinpath("a").write_bytes(b"1234")

    with pytest.raises(OptionError, match="mount it as workdir"):
        read_program(tmp_path)
