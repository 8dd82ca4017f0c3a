"""Pythons of a test's own, with the helpers of the Python image on their path."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HELPERS = Tree.here().root / "languages/python/helpers"


@dataclass(frozen=True)
class Python:
    """Runs code in processes of their own, in a directory."""

    home: Path
    env: Mapping[str, str]

    def run(self, code: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.home / "bin/python", "-c", code],
            cwd=self.home.parent,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def prints(self, code: str, **env: str) -> str:
        """What code prints that has to end well and say nothing on stderr."""
        done = self.run(code, **env)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout


def make_python(directory: Path, *, user_site: bool) -> Python:
    """An environment that sees what the tests' own has (pip, packaging, msgpack)."""
    home = directory / "environment"
    venv.create(home, symlinks=True, with_pip=False, system_site_packages=user_site)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env = {
        **kept,
        "PYTHONPATH": str(HELPERS),
        "PYTHONUSERBASE": str(directory / "user"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(directory),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(directory / "wheels"),
        "PIP_NO_COMPILE": "1",
    }
    (directory / "wheels").mkdir()
    return Python(home, env)
