"""The user's dotfiles: written as the user, inside the home, each for itself."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from polykernel_runner import dotfiles
from polykernel_runner.config_mount import Dotfile
from polykernel_runner.identity import Identity
from support.users import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER = Identity(12345, 23456)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home directory; what its neighbours hold is no business of anybody's here."""
    (tmp_path / "home").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_text("kept")
    yield tmp_path / "home"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "outside"]
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["kept"]
    assert (tmp_path / "outside/kept").read_text() == "kept"


def write(home: Path, *paths: str, mode: int = 0o644, user: Identity | None = None) -> None:
    """Files whose text is the path that they were given."""
    files = [Dotfile(path=path, text=path, mode=mode) for path in paths]
    dotfiles.write(files, home, user)


def bits(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_they_are_written_wherever_in_the_home(home: Path) -> None:
    paths = [".bashrc", "~/.vimrc", f"{home}/.absolute", ".config/deep/ü.ini", "./plain", "~x"]
    write(home, *paths)
    places = [".bashrc", ".vimrc", ".absolute", ".config/deep/ü.ini", "plain", "~x"]
    assert {place: (home / place).read_text() for place in places} == dict(
        zip(places, paths, strict=True)
    )


@pytest.mark.parametrize("umask", [0o077, 0])
def test_defect_47_a_file_s_mode_is_the_file_s_alone(home: Path, umask: int) -> None:
    (home / "there").mkdir(mode=0o700)
    before = os.umask(umask)
    try:
        write(home, ".config/deep/file", "there/file", mode=0o600)
        write(home, "executable", mode=0o777)
    finally:
        os.umask(before)
    assert [bits(home / name) for name in (".config", ".config/deep")] == [0o755, 0o755]
    assert bits(home / "there") == 0o700
    assert [bits(home / name) for name in (".config/deep/file", "there/file")] == [0o600, 0o600]
    assert bits(home / "executable") == 0o777


@pytest.mark.parametrize(
    "path",
    [
        *("../outside/kept", "a/../../outside/new", "/etc/polykernel-test", "~/../outside/new"),
        *("out/new", "out/../out/new", "kept", "/", "", ".", "~", "~/", "loop/x", "\0", "file/x"),
        *("directory", "\ud800"),
    ],
)
def test_defect_47_what_is_no_place_in_the_home_is_left_out(
    home: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    (home / "out").symlink_to("../outside")
    (home / "kept").symlink_to("../outside/kept")
    (home / "loop").symlink_to("loop")
    (home / "directory/below").mkdir(parents=True)
    (home / "file").touch()
    write(home, path, ".next")
    assert (home / ".next").read_text() == ".next"
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith(f"the dotfile {path!r} is left out: ")


def test_a_link_that_stays_inside_is_followed(home: Path) -> None:
    (home / "real").mkdir()
    (home / "link").symlink_to("real")
    write(home, "link/file")
    assert (home / "real/file").read_text() == "link/file"


def test_the_last_one_of_a_name_stays(home: Path) -> None:
    write(home, ".bashrc", "~/.bashrc", mode=0o400)
    assert (home / ".bashrc").read_text() == "~/.bashrc"


@as_root
def test_they_are_the_user_s(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    for path in (home.parent, *home.parent.parents[:2]):
        path.chmod(0o755)
    os.chown(home, USER.uid, USER.gid)
    (home / "root").mkdir(mode=0o700)
    write(home, ".config/file", "root/file", ".next", user=USER)
    owners = {path: (path.stat().st_uid, path.stat().st_gid) for path in home.rglob("*")}
    assert owners.pop(home / "root") == (0, 0)
    assert set(owners) == {home / name for name in (".config", ".config/file", ".next")}
    assert set(owners.values()) == {(USER.uid, USER.gid)}
    assert "Permission denied" in caplog.text
