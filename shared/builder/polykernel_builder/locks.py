"""Makes the lock files: every version pinned, every file's hash named, no index and no path."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.errors import BuilderError
from polykernel_builder.platforms import PLATFORMS
from polykernel_builder.wheels import PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable

    from polykernel_builder.catalog import Tree

OLDEST_HOST_PYTHON = "3.10"
# The host's environment, and that of a server which a test starts on the host.
HOST_LOCKS = ("host", "moto")
# What tests and measurements install, and for which Python: 3.12 is the newest that Backend.AI
# 24.3.3 runs on.
TEST_PYTHONS = {"compat": "3.12", "original": "3.12", "tensorboard": PYTHON}
GLIBC = "manylinux_2_28"


def make_locks(tree: Tree, say: Callable[[str], None], *, upgrade: bool) -> None:
    """Write the lock of every requirements file; keep pinned versions unless `upgrade`.

    Raises BuilderError with the resolver's own words.
    """
    for source in host_requirements(tree):
        text = _compile(tree, source, OLDEST_HOST_PYTHON, "--universal", upgrade=upgrade)
        _write(tree, source, text, say)
    for source, python in linux_requirements(tree):
        texts = {
            _compile(
                tree,
                source,
                python,
                f"--python-platform={platform.machine}-{GLIBC}",
                upgrade=upgrade,
            )
            for platform in PLATFORMS
        }
        if len(texts) > 1:
            raise BuilderError(
                f"{source}: needs other packages on {' than on '.join(map(str, PLATFORMS))}; "
                "a lock of one text for both cannot be made"
            )
        _write(tree, source, texts.pop(), say)


def host_requirements(tree: Tree) -> list[Path]:
    """What is locked for every system and Python that can be a host's."""
    named = (tree.root / "requirements" / f"{name}.in" for name in HOST_LOCKS)
    return [source for source in named if source.exists()]


def linux_requirements(tree: Tree) -> list[tuple[Path, str]]:
    """What is locked for Linux and one Python: the images', or that of a test."""
    named = {tree.root / "requirements" / f"{name}.in": TEST_PYTHONS[name] for name in TEST_PYTHONS}
    return [
        *((source, python) for source, python in named.items() if source.exists()),
        *((source, PYTHON) for source in image_requirements(tree)),
    ]


def image_requirements(tree: Tree) -> list[Path]:
    """What is locked for the images' Python."""
    return [
        *sorted(tree.runner.glob("requirements*.in")),
        *sorted((tree.root / "languages").glob("*/requirements.in"), key=_turn),
    ]


def _turn(source: Path) -> tuple[bool, Path]:
    """Behind the others who keeps to the lock of the language that he builds on."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return any(line.startswith("-c ") for line in lines), source


def _write(tree: Tree, source: Path, text: str, say: Callable[[str], None]) -> None:
    lock = source.with_suffix(".lock")
    lock.write_text(text, encoding="utf-8")
    say(str(lock.relative_to(tree.root)))


def _compile(tree: Tree, source: Path, python: str, platform: str, *, upgrade: bool) -> str:
    relative = source.relative_to(tree.root)
    lock = source.with_suffix(".lock")
    command = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "--no-header"]
    command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"]
    command += [f"--python-version={python}", platform, str(relative)]
    with tempfile.TemporaryDirectory() as directory:
        # uv keeps to the versions that its output file has already.
        output = Path(directory) / lock.name
        if lock.exists() and not upgrade:
            shutil.copy(lock, output)
        command += ["--output-file", str(output)]
        result = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise BuilderError(f"{relative} could not be locked:\n{result.stderr.strip()}")
        return output.read_text(encoding="utf-8")
