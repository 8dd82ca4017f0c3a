from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel import OptionError
from polykernel.private import PrivateDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLED = """
import os, signal
from polykernel.private import PrivateDirectory
print(PrivateDirectory().path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        monkeypatch.setenv("XDG_RUNTIME_DIR", path)
        yield Path(path)


def test_it_is_private_short_and_goes_away() -> None:
    directory = PrivateDirectory()
    directory.path.joinpath("in").touch()

    assert directory.path.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(directory.path / "term-out")) <= 107

    directory.close()
    assert not directory.path.exists()


def test_a_long_path_is_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = root / ("x" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))

    directory = PrivateDirectory()

    assert len(os.fsencode(directory.path / "term-out")) <= 107
    directory.close()


def test_what_a_killed_process_left_is_removed_and_nothing_else(root: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, check=False
    )
    left = Path(found.stdout.strip())
    assert left.parent == root
    assert left.is_dir()
    alive = PrivateDirectory()
    other = root / "somebody-elses"
    other.mkdir()

    PrivateDirectory().close()

    assert not left.exists()
    assert alive.path.is_dir()
    assert other.is_dir()
    alive.close()


def test_where_nothing_can_be_written_it_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(OptionError, match="set TMPDIR"):
        PrivateDirectory()
