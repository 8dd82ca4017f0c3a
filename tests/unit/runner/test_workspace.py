"""The files of a program: written as its user, inside its directory, and gone with it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.errors import JobRefused
from polykernel_runner.identity import Identity, acting_as
from polykernel_runner.workspace import Workspace, is_mounted
from support.users import as_anyone_else, as_root

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = Identity(12345, 23456)


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def workspace(tmp_path: Path, launcher: Path) -> Workspace:
    (tmp_path / "work").mkdir()
    return Workspace(tmp_path / "work", None, str(launcher))


@pytest.fixture
def users(tmp_path: Path, launcher: Path) -> Iterator[Workspace]:
    """A work directory of another user's, in a place that they can reach."""
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    (tmp_path / "work").mkdir()
    os.chown(tmp_path / "work", USER.uid, USER.gid)
    made = Workspace(tmp_path / "work", USER, str(launcher))
    yield made
    asyncio.run(made.remove_private())


def test_a_program_is_written(workspace: Workspace) -> None:
    program = {"main.c": b"\x00\xff", "src/deep/a b.h": b"", "ü": b"x"}
    workspace.replace_program(program)
    assert files(workspace.work) == program


def test_the_files_of_the_program_before_go_away(workspace: Workspace) -> None:
    (workspace.work / "mounted.txt").write_bytes(b"mine")
    workspace.replace_program({"a": b"1", "old/b": b"2", "old/er/c": b"3", "shared/d": b"4"})
    (workspace.work / "shared/made").write_bytes(b"by the program")
    workspace.replace_program({"a": b"new"})
    assert files(workspace.work) == {
        "a": b"new", "mounted.txt": b"mine", "shared/made": b"by the program",
    }  # fmt: skip
    assert not (workspace.work / "old").exists(), "directories of its own go with them"


def test_what_the_program_removed_itself_is_no_matter(workspace: Workspace) -> None:
    workspace.replace_program({"a/b": b"1", "c": b"2"})
    (workspace.work / "a/b").unlink()
    (workspace.work / "a").rmdir()
    workspace.replace_program({"c": b"3"})
    assert files(workspace.work) == {"c": b"3"}


def test_a_link_out_of_the_directory_is_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (workspace.work / "out").symlink_to(tmp_path / "else")
    for name in ("out/x", "out/new/x", "out/../../else/x"):
        with pytest.raises(JobRefused, match="leads out of the work directory by a link"):
            workspace.replace_program({name: b"evil"})
    assert list((tmp_path / "else").iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_replaced(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"gold")
    (workspace.work / "main.c").symlink_to(tmp_path / "precious")
    workspace.replace_program({"main.c": b"int main;"})
    assert (tmp_path / "precious").read_bytes() == b"gold"
    assert files(workspace.work) == {"main.c": b"int main;"}


def test_removing_does_not_follow_links_either(workspace: Workspace, tmp_path: Path) -> None:
    workspace.replace_program({"sub/x": b"1"})
    (tmp_path / "else").mkdir()
    (tmp_path / "else/x").write_bytes(b"gold")
    (workspace.work / "sub/x").unlink()
    (workspace.work / "sub").rmdir()
    (workspace.work / "sub").symlink_to(tmp_path / "else")
    workspace.replace_program({"y": b"2"})
    assert files(tmp_path / "else") == {"x": b"gold"}


def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(workspace: Workspace) -> None:
    os.mkfifo(workspace.work / "main.c")
    workspace.replace_program({"main.c": b"int main;"})
    assert files(workspace.work) == {"main.c": b"int main;"}


def test_a_file_that_was_made_read_only_is_replaced(workspace: Workspace) -> None:
    workspace.replace_program({"main.c": b"1"})
    (workspace.work / "main.c").chmod(0o400)
    workspace.replace_program({"main.c": b"2"})
    assert files(workspace.work) == {"main.c": b"2"}


def test_a_file_in_the_place_of_a_directory_is_said(workspace: Workspace) -> None:
    (workspace.work / "src").write_bytes(b"a file")
    with pytest.raises(JobRefused, match="file 'src/a' cannot be written: "):
        workspace.replace_program({"src/a": b""})
    (workspace.work / "dir").mkdir()
    with pytest.raises(JobRefused, match="file 'dir' cannot be written: "):
        workspace.replace_program({"dir": b""})


def test_a_name_that_no_file_can_have_is_said(workspace: Workspace) -> None:
    with pytest.raises(JobRefused, match="cannot be written"):
        workspace.replace_program({"x" * 300: b""})


@as_anyone_else
def test_a_directory_that_cannot_be_written_to_is_said(workspace: Workspace) -> None:
    workspace.work.chmod(0o500)
    with pytest.raises(JobRefused, match=r"file 'a' cannot be written: .*Permission denied"):
        workspace.replace_program({"a": b""})
    workspace.work.chmod(0o700)


@as_root
def test_files_belong_to_the_user(users: Workspace) -> None:
    users.replace_program({"src/a": b"1"})
    private = Path(users.write_private("query", "main.c", b"2"))
    for path in (users.work / "src", users.work / "src/a", private, private.parent):
        about = path.stat()
        assert (about.st_uid, about.st_gid) == (USER.uid, USER.gid)


@as_root
def test_the_user_s_rights_are_what_counts(users: Workspace) -> None:
    users.work.chmod(0o555)
    with pytest.raises(JobRefused, match=r"file 'a' cannot be written: .*Permission denied"):
        users.replace_program({"a": b""})


@as_root
def test_acting_as_ends_with_the_block(tmp_path: Path) -> None:
    class OopsError(Exception):
        pass

    with pytest.raises(OopsError), acting_as(USER):  # noqa: PT012 - what is true inside is the point
        assert (os.geteuid(), os.getegid(), os.getuid()) == (USER.uid, USER.gid, 0)
        with pytest.raises(PermissionError):
            (tmp_path / "x").write_text("")
        raise OopsError
    assert (os.geteuid(), os.getegid()) == (0, 0)
    (tmp_path / "x").write_text("")


def test_private_directories_are_outside_and_go_away(workspace: Workspace) -> None:
    build = Path(workspace.private("build"))
    assert build.is_dir()
    assert not build.is_relative_to(workspace.work)
    assert workspace.private("build") == str(build)
    path = Path(workspace.write_private("query", "main.c", b"1"))
    assert path.read_bytes() == b"1"
    asyncio.run(workspace.remove_private())
    assert not build.exists()
    assert not path.parent.parent.exists()


def test_a_private_pipe_holds_nobody_up(workspace: Workspace) -> None:
    os.mkfifo(Path(workspace.private("query")) / "main.c")
    assert Path(workspace.write_private("query", "main.c", b"1")).read_bytes() == b"1"
    asyncio.run(workspace.remove_private())


@as_root
def test_the_user_cannot_move_or_replace_a_private_directory(users: Workspace) -> None:
    build = Path(users.private("build"))
    with acting_as(USER):
        for act in (build.rmdir, lambda: build.rename(build.with_name("else"))):
            with pytest.raises(PermissionError):
                act()
        build.chmod(0)
    asyncio.run(users.clean(None, ["build"]))
    assert build.stat().st_mode & 0o777 == 0o755


def test_a_directory_of_the_host_is_known() -> None:
    assert not is_mounted(Path("/"))
    assert not is_mounted(Path("/dev/shm"))
    assert is_mounted(Path("/proc/sys"))
