"""A copy of the clone, for tests that change what is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from pathlib import Path

NOT_COPIED = shutil.ignore_patterns(".venv", ".cache", ".*_cache", "__pycache__", "*.egg-info")


def copied(root: Path) -> Tree:
    """The clone with its history, so that its images are those that are built already."""
    here = Tree.here()
    shutil.copytree(here.root, root, ignore=NOT_COPIED, symlinks=True)
    (root / ".cache").symlink_to(here.cache)
    return Tree(root)


def invoking(tree: Tree, *words: str) -> subprocess.Popen[str]:
    """`invoke` in a copy, by the copy's own code."""
    packages = [tree.root / "shared" / part for part in ("builder", "client", "runner")]
    return subprocess.Popen(
        [sys.executable, "-m", "invoke", *words],
        cwd=tree.root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, packages))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
