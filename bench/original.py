"""The original: PyPI's backend.ai-kernel, run as published, in a container of our image.

Its Python and its environment are mounted where they are on this machine. It is run as root, since
what it is may lie in a directory that only root may enter, with the capabilities of ours. As its
own agent does, it is given the image's runtime path; what it would start besides (sshd, ttyd) is
not there, which it tolerates and which costs it nothing. It listens on tcp alone, so its container
has a network; it is reached at the container's own address, without a proxy in between.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.containers import Mount, Plan
from bench.errors import BenchError
from polykernel_builder.environments import Environment, pythons

ENVIRONMENT = Environment("original", "the original (backend.ai-kernel)")
KERNELSPEC = "/usr/local/share/jupyter/kernels/python3/kernel.json"
SYSTEM_PREFIXES = ("/usr", "/")


@dataclass(frozen=True, slots=True)
class Original:
    """Its Python, and the directories that have to be seen in the container."""

    python: Path
    directories: tuple[Path, ...]
    kernelspec: Path

    def plan(self, image: str, lang: str, runtime: str) -> Plan:
        """How a container is started with it."""
        mounts = [Mount(path, str(path)) for path in self.directories]
        if lang == "python":
            mounts.append(Mount(self.kernelspec, KERNELSPEC))
        return Plan(
            image=image,
            entrypoint=(str(self.python), "-s", "-m", "ai.backend.kernel", lang, runtime),
            env={"HOME": "/home/work"},
            user=(0, 0),
            network=True,
            mounts=tuple(mounts),
        )


def install() -> Original:
    """Install it from PyPI, unless it is there.

    Raises:
        BenchError: there is no Python 3.12 that a container can be given.
    """
    found = ((python, _prefix(python)) for python in pythons("3.12"))
    # Debian's own would be mounted over the image's files.
    fit = ((python, prefix) for python, prefix in found if str(prefix) not in SYSTEM_PREFIXES)
    python, prefix = next(fit, (None, None))
    if python is None or prefix is None:
        raise BenchError(
            "the original needs a Python 3.12 in a directory of its own, and none is in pyenv or"
            " known to uv: uv python install 3.12"
        )
    inside = ENVIRONMENT.ensure(python)
    home = inside.parents[1]
    _add_what_the_wheel_lacks(home)
    kernelspec = home / "kernel.json"
    kernelspec.write_text(json.dumps(_kernelspec()))
    return Original(inside, (home, prefix), kernelspec)


def _prefix(python: str) -> Path:
    asked = [python, "-c", "import sys; print(sys.base_prefix)"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())


def _add_what_the_wheel_lacks(home: Path) -> None:
    """A source that each Java query gets appended; without it all fail, and an empty one does."""
    (package,) = home.glob("lib/python3.12/site-packages/ai/backend/kernel/java")
    (package / "LablupPatches.java").touch()


def _kernelspec() -> dict[str, object]:
    """Our image's, with an absolute path.

    jupyter_client takes a bare `python` for the Python that it runs in itself, which here is the
    original's and has no ipykernel.
    """
    return {
        "argv": ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
