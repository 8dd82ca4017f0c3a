"""Python environments of what runs beside us in tests and measurements, made from locks."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.catalog import Tree
from polykernel_builder.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Tree.here().root

# What this machine has configured for other purposes has no say in what is installed.
FOREIGN = {
    *("PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TARGET", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"),
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"),
}


@dataclass(frozen=True)
class Environment:
    """What requirements/<name>.lock says, in .cache/<name>-venv, and `whose` that is."""

    name: str
    whose: str

    @property
    def python(self) -> Path:
        """Its Python, once it has been made."""
        return ROOT / ".cache" / f"{self.name}-venv" / "bin" / "python"

    def ensure(self, python: str = sys.executable) -> Path:
        """Return its Python; what the lock names is installed unless it is there.

        It is made with `python`, for the version that has.
        """
        lock = ROOT / "requirements" / f"{self.name}.lock"
        home = self.python.parents[1]
        done = home / "stamp"
        stamp = f"{python}\n{home}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"
        if done.is_file() and done.read_text() == stamp and works(str(self.python)):
            return self.python
        self._run(python, "-m", "venv", "--clear", "--without-pip", str(home))
        # What is published as source only is built by what comes from the lock as well.
        self._run(
            *(sys.executable, "-m", "pip", "--python", str(self.python), "install", "--quiet"),
            *("--no-deps", "--no-compile", "--require-hashes"),
            *("--build-constraint", str(lock), "--requirement", str(lock)),
        )
        done.write_text(stamp)
        return self.python

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            env=clean_environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BuilderError(
                f"the environment of {self.whose} could not be made (is the package index "
                f"reachable?): {' '.join(command)}\n{done.stdout}"
            )


def works(python: str, code: str = "import venv") -> bool:
    """Whether a Python can be run and does some code without an error."""
    # What is on PATH may be a shim that leads to nothing.
    try:
        asked = subprocess.run([python, "-c", code], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


def pythons(version: str) -> Iterator[str]:
    """The Pythons of a version like "3.12" that work: on PATH, in pyenv and known to uv."""
    right = (
        f"import sys, venv; sys.exit(sys.version_info[:2] != {tuple(map(int, version.split('.')))})"
    )
    yield from (python for python in _candidates(version) if works(python, right))


def _candidates(version: str) -> Iterator[str]:
    if on_path := shutil.which(f"python{version}"):
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}*/bin/python{version}")))
    uv = Path(sys.executable).with_name("uv")
    found = subprocess.run(
        [uv, "python", "find", "--no-project", version], capture_output=True, text=True, check=False
    )
    if found.returncode == 0:
        yield found.stdout.strip()


def clean_environ() -> dict[str, str]:
    """The variables of this process without those that lead Python or pip elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}
