"""What is known of the source an image is built from: git where there is git."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """`created` is RFC 3339: when the newest of the inputs changed, not when it was built."""

    created: str
    revision: str | None
    url: str | None


def source_state(root: Path, inputs: Iterable[Path]) -> SourceState:
    """The last commit that touched `inputs`.

    Images must stay the same while their inputs do, else all that builds on them is built anew:
    so this is neither HEAD nor now. Inputs with uncommitted changes have no revision.
    """
    paths = [str(path.relative_to(root)) for path in inputs]
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    commit = None
    if _git(root, "status", "--porcelain", "--", *paths) == "":
        commit = _git(root, "log", "-1", "--format=%H %ct", "--", *paths)
    revision, _, committed = (commit or "").partition(" ")
    seconds = int(epoch or committed or _newest(root, paths))
    created = datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return SourceState(created=created, revision=revision or None, url=_url(root))


def _url(root: Path) -> str | None:
    remote = _git(root, "config", "remote.origin.url") or ""
    match = re.fullmatch(r"https?://(?:[^/@]*@)?(\S+?)(?:\.git)?/?", remote)
    return f"https://{match[1]}" if match else None


def _newest(root: Path, paths: list[str]) -> int:
    files = [
        file
        for path in paths
        for file in [root / path, *(root / path).rglob("*")]
        if file.is_file() and not {"vendor", "__pycache__"} & set(file.relative_to(root).parts)
    ]
    return int(max((file.stat().st_mtime for file in files), default=0))


def _git(root: Path, *arguments: str) -> str | None:
    # A tree that lies inside some other repository is not described by that one.
    if not (root / ".git").exists():
        return None
    try:
        result = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None
