"""Git repositories, made and read without what this machine has configured for git."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from polykernel_git.history import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_git.history import Commit

CONFIGURATION = """
[user]
    name = Ada
    email = ada@example.org
[init]
    defaultBranch = main
[log]
    decorate = short
    excludeDecoration = refs/tags
    showSignature = true
[i18n]
    logOutputEncoding = ISO-8859-1
[color]
    ui = always
"""


class Repository:
    """A repository in a directory, and a shell there."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "it's a repository"
        self.path.mkdir()
        (directory / "gitconfig").write_text(CONFIGURATION)
        own = {"GIT_CONFIG_GLOBAL": str(directory / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self._env = {**kept, **own, "HOME": str(directory)}
        self.errors = ""

    def run(self, script: str) -> int:
        """Run shell code as somebody would who works there; return its exit code."""
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.path,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.errors = done.stderr
        return done.returncode

    def do(self, script: str) -> None:
        """Do what must succeed."""
        assert self.run(f"set -e; {script}") == 0, self.errors

    def commit(self, subject: str) -> None:
        """Make a commit of nothing."""
        (self.path / ".git" / "subject").write_text(
            subject, encoding="utf-8", errors="surrogateescape"
        )
        self.do("git commit --quiet --allow-empty --cleanup=verbatim --file=.git/subject")

    def commits(self, *, most: int = 1000, directory: str = ".") -> tuple[Commit, ...]:
        """Return its history as it is shown."""
        exit_code, commits = Reader(self.run).read(directory, most)
        assert exit_code == 0, self.errors
        return commits
