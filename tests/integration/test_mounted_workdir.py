"""A directory of the host's as the work directory: used as it is, and not walked for nothing."""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from driving.containers import give

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driving.kernels import Fresh

PYTHON = pytest.mark.parametrize("lang", ["python"])
IMAGES = pytest.mark.parametrize("lang", ["c", "python"])
OWNER = 4242
IN_OPEN = 0x20


@pytest.fixture
def workdir(lang: str, tmp_path: Path) -> Iterator[Path]:
    """A directory that belongs to somebody else, and that everybody may read."""
    for path in (tmp_path, *list(tmp_path.parents)[:2]):
        if path.stat().st_uid == os.getuid():
            path.chmod(0o755)
    directory = tmp_path / "work"
    directory.mkdir()
    give(lang, directory, OWNER)
    yield directory
    give(lang, directory, os.getuid())


@contextmanager
def opened(directories: list[Path]) -> Iterator[list[Path]]:
    """The directories that somebody opens meanwhile, by inotify(7)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    watches = {
        libc.inotify_add_watch(descriptor, os.fsencode(path), IN_OPEN): path for path in directories
    }
    assert -1 not in watches, os.strerror(ctypes.get_errno())
    found: list[Path] = []
    try:
        yield found
        while event := _read(descriptor):
            found.append(watches[event])
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> int:
    try:
        (watch,) = struct.unpack_from("i", os.read(descriptor, 16))
    except BlockingIOError:
        return 0
    return int(watch)


@IMAGES
async def test_programs_are_the_owner_and_their_files_are_seen_outside(
    fresh: Fresh, workdir: Path
) -> None:
    async with fresh(workdir=workdir) as kernel:
        result = await kernel.run(
            {"data/given.txt": "given"}, build=False, exec="id -u; cp data/given.txt made.txt"
        )
        # What a program makes in a directory of the host's is meant to stay.
        await kernel.run({"data/given.txt": "given"}, build=False, exec="true")

    assert (result.text, result.verdict) == (f"{OWNER}\n", "ok")
    assert (workdir / "made.txt").read_text() == "given"
    assert {(workdir / name).stat().st_uid for name in ("made.txt", "data")} == {OWNER}


@PYTHON
async def test_what_lies_in_it_runs(fresh: Fresh, workdir: Path, lang: str) -> None:
    give(lang, workdir, os.getuid())
    (workdir / "main.py").write_text("import part\nprint(part.word)\n")
    (workdir / "part.py").write_text("word = 'from the host'\n")
    give(lang, workdir, OWNER)
    async with fresh(workdir=workdir) as kernel:
        batch = await kernel.run()
        query = await kernel.query("import part\nprint(part.word)")

    assert batch.text == query.text == "from the host\n"


@PYTHON
async def test_what_lay_there_before_stays(fresh: Fresh, workdir: Path, lang: str) -> None:
    give(lang, workdir, os.getuid())
    (workdir / "mine.txt").write_text("mine")
    give(lang, workdir, OWNER)
    async with fresh(workdir=workdir) as kernel:
        await kernel.run({"main.py": "print(1)"}, stdin="")
        await kernel.run({"other.py": "print(2)"}, stdin="")

    assert (workdir / "mine.txt").read_text() == "mine"
    assert not (workdir / "main.py").exists()


@PYTHON
async def test_a_huge_tree_is_not_walked(fresh: Fresh, workdir: Path, lang: str) -> None:
    give(lang, workdir, os.getuid())
    directories = [workdir / f"data{n}" / "deep" for n in range(200)]
    for directory in directories:
        directory.mkdir(parents=True)
    (workdir / "main.py").write_text("print('fine')\n")
    give(lang, workdir, OWNER)
    tops = [directory.parent for directory in directories]
    with opened([*tops, *directories]) as found:
        async with fresh(workdir=workdir) as kernel:
            started = await kernel.run(stdin="")
            sent = await kernel.run({"main.py": "print('sent')"}, stdin="")
            query = await kernel.query("print('query')")

    assert (started.text, sent.text, query.text) == ("fine\n", "sent\n", "query\n")
    assert found == []
