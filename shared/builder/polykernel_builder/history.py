"""What git knows of the way from one revision to the files that lie here now."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.errors import MissingToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FETCH_ALL = "git fetch --unshallow (in continuous integration: fetch depth 0)"
NEVER = re.compile(r"0{40,64}")
_VERBS = {"A": "added", "D": "removed"}


@dataclass(frozen=True, order=True)
class Change:
    """A file, its path relative to the clone, and what befell it."""

    path: str
    verb: str = "changed"

    def __str__(self) -> str:
        return f"{self.path} {self.verb}"


class History:
    """The clone at `root`, seen from the commit where it and `revision` parted.

    A revision of zeros only is what git and its hosts write for "there was none before": all is
    new then. Raises UsageError, which says what to do, where there is nothing to compare with.
    """

    def __init__(self, root: Path, revision: str) -> None:
        self._root = root
        # What lies inside of some other repository is not described by that one.
        if not (root / ".git").exists():
            raise UsageError(
                f"{root} is no git clone, so what changed is not known: clone the repository, "
                "or say --all"
            )
        self._base = self._parting(revision)

    def changes(self) -> list[Change]:
        """All that differs now: committed since, uncommitted, and untracked files not ignored.

        A renamed file is one removed and one added.
        """
        found = self._git("diff", "--name-status", "--no-renames", "-z", self._base, "--")
        words = found.split("\0")[:-1]
        changes = {
            Change(path, _VERBS.get(status, "changed"))
            for status, path in zip(words[::2], words[1::2], strict=True)
        }
        untracked = self._git("ls-files", "--others", "--exclude-standard", "-z")
        return sorted(changes | {Change(path, "added") for path in untracked.split("\0")[:-1]})

    @contextmanager
    def before(self) -> Iterator[Path]:
        """A directory with the files as they were."""
        with tempfile.TemporaryDirectory() as directory:
            place = Path(directory)
            files = place / "files"
            files.mkdir()
            index = str(place / "index")
            self._git("read-tree", self._base, index=index)
            self._git("checkout-index", "--all", "--quiet", f"--prefix={files}/", index=index)
            yield files

    def _parting(self, revision: str) -> str:
        if NEVER.fullmatch(revision):
            return self._git("hash-object", "-t", "tree", os.devnull).strip()
        name = f"{revision}^{{commit}}"
        shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        known = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        if known.returncode != 0:
            do = FETCH_ALL if shallow else "git fetch origin, or name another"
            lacks = "this shallow clone lacks that revision" if shallow else "no such revision here"
            raise UsageError(f"--base {revision}: {lacks}; do: {do}")
        common = self._try("merge-base", known.stdout.strip(), "HEAD")
        if common.returncode != 0:
            do = FETCH_ALL if shallow else "name another base, or say --all"
            raise UsageError(f"--base {revision}: has no commit in common with HEAD here; do: {do}")
        return common.stdout.split()[0]

    def _git(self, *arguments: str, index: str | None = None) -> str:
        done = self._try(*arguments, index=index)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise UsageError(f"git {arguments[0]} failed in {self._root}; it says: {last}")
        return done.stdout

    def _try(self, *arguments: str, index: str | None = None) -> subprocess.CompletedProcess[str]:
        own = {"GIT_INDEX_FILE": index} if index else {}
        try:
            return subprocess.run(
                ["git", "-C", str(self._root), *arguments],
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", **own},
                capture_output=True,
                encoding="utf-8",
                errors="backslashreplace",
                check=False,
            )
        except FileNotFoundError:
            raise MissingToolError(
                "git is needed to know what changed: on Debian or Ubuntu, apt-get install git"
            ) from None
