"""The Backend.AI agent's own environment: Python 3.12 and what requirements/compat.lock says."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements" / "compat.lock"
HOME = ROOT / ".cache" / "compat-venv"
PYTHON = HOME / "bin" / "python"
STAMP = HOME / "stamp"

NOT_FOUND = (
    "the compatibility test with PyPI's backend.ai-agent was not run: it needs a Python 3.12, and "
    "none is on PATH, in pyenv or known to uv"
)

# What this machine has configured for other purposes has no say in what is installed.
FOREIGN = {
    *("PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TARGET", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"),
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"),
}
IS_PYTHON_312 = "import sys, venv; sys.exit(sys.version_info[:2] != (3, 12))"


def find_python() -> str | None:
    """Return a Python 3.12 that works, or None where this machine has none."""
    return next(filter(_is_python_312, _candidates()), None)


def ensure(python: str) -> Path:
    """Return the environment's python; what the lock names is installed unless it is there."""
    stamp = f"{python}\n{HOME}\n{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"
    if STAMP.is_file() and STAMP.read_text() == stamp and _is_python_312(str(PYTHON)):
        return PYTHON
    _run(python, "-m", "venv", "--clear", "--without-pip", str(HOME))
    # One dependency is published as source only; what builds it comes from the lock as well.
    _run(
        *(sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet"),
        *("--no-deps", "--no-compile", "--require-hashes"),
        *("--build-constraint", str(LOCK), "--requirement", str(LOCK)),
    )
    STAMP.write_text(stamp)
    return PYTHON


def clean_environ() -> dict[str, str]:
    """The variables of this process without those that lead Python or pip elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}


def _candidates() -> Iterator[str]:
    if on_path := shutil.which("python3.12"):
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob("versions/3.12*/bin/python3.12")))
    uv = Path(sys.executable).with_name("uv")
    found = subprocess.run(
        [uv, "python", "find", "--no-project", "3.12"], capture_output=True, text=True, check=False
    )
    if found.returncode == 0:
        yield found.stdout.strip()


def _is_python_312(python: str) -> bool:
    # What is on PATH may be a shim that leads to nothing.
    try:
        asked = subprocess.run([python, "-c", IS_PYTHON_312], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        env=clean_environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"the environment of the Backend.AI agent could not be made (is the package index "
            f"reachable?): {' '.join(command)}\n{done.stdout}"
        )
