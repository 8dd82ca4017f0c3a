from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.source import source_state

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *arguments: str, when: int = 1_700_000_000) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    environment = {**os.environ, "GIT_COMMITTER_DATE": f"{when} +0000"}
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
        os.utime(tmp_path / name / "file", (1_600_000_000, 1_600_000_000))
    return tmp_path


def test_without_git_the_newest_file_says_when(root: Path) -> None:
    state = source_state(root, [root / "one"])
    assert (state.created, state.revision, state.url) == ("2020-09-13T12:26:40Z", None, None)


def test_the_commit_is_the_last_that_touched_the_inputs(root: Path) -> None:
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "one")
    first = git(root, "rev-parse", "HEAD")
    (root / "two" / "file").write_text("changed")
    git(root, "commit", "--quiet", "-am", "two", when=1_800_000_000)
    state = source_state(root, [root / "one"])
    assert (state.created, state.revision) == ("2023-11-14T22:13:20Z", first)
    assert source_state(root, [root / "two"]).revision == git(root, "rev-parse", "HEAD")


def test_what_is_not_committed_has_no_revision(root: Path) -> None:
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "one")
    (root / "one" / "new").write_text("")
    assert source_state(root, [root / "one"]).revision is None
    assert source_state(root, [root / "two"]).revision is not None


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://name:secret@example.org/p/k.git", "https://example.org/p/k"),
        ("https://example.org/p/k", "https://example.org/p/k"),
        ("/some/where/k", None),
        ("git@example.org:p/k.git", None),
    ],
)
def test_the_source_is_the_remote_without_secrets(root: Path, remote: str, url: str) -> None:
    git(root, "init", "--quiet")
    git(root, "remote", "add", "origin", remote)
    assert source_state(root, [root / "one"]).url == url


def test_a_given_time_is_taken(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert source_state(root, [root / "one"]).created == "1970-01-01T00:00:00Z"
