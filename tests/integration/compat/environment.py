"""The Backend.AI agent's own environment: Python 3.12 and what requirements/compat.lock says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from driving.environments import Environment, works

if TYPE_CHECKING:
    from collections.abc import Iterator

AGENT = Environment("compat", "the Backend.AI agent")

NOT_FOUND = (
    "the compatibility test with PyPI's backend.ai-agent was not run: it needs a Python 3.12, and "
    "none is on PATH, in pyenv or known to uv"
)

IS_PYTHON_312 = "import sys, venv; sys.exit(sys.version_info[:2] != (3, 12))"


def find_python() -> str | None:
    """Return a Python 3.12 that works, or None where this machine has none."""
    return next((python for python in _candidates() if works(python, IS_PYTHON_312)), None)


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
