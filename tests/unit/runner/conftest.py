"""The launcher, compiled for this machine, and programs that run under it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.catalog import Tree
from support.kernels import Kernels
from support.programs import Runs, children

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCES = Tree.here().root / "shared/runner/launcher"
FLAGS = ("-std=c11", "-O1", "-Wall", "-Wextra", "-Werror")
# What touches memory that is not its own, or does what C leaves undefined, ends with a report.
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`polykernel-launch`, static as in the images: a program's variables are no business of it."""
    return _compile(tmp_path_factory.mktemp("launcher"), "-static")


@pytest.fixture(scope="session")
def sanitized_launcher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with sanitizers."""
    return _compile(tmp_path_factory.mktemp("sanitized"), *SANITIZERS)


def _compile(directory: Path, *flags: str) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.fail(
            "no C compiler: these tests compile the launcher; apt-get install gcc libc6-dev"
        )
    target = directory / "polykernel-launch"
    sources = sorted(str(path) for path in SOURCES.glob("*.c"))
    done = subprocess.run(
        [compiler, *FLAGS, *flags, "-o", str(target), *sources],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"the launcher does not compile:\n{done.stderr}")
    return target


@pytest.fixture
def runs(launcher: Path, tmp_path: Path) -> Iterator[Runs]:
    """Runs programs; whatever a test does with them, none may be left when it ends."""
    before = set(children())
    yield Runs(launcher, tmp_path)
    assert set(children()) <= before, "a launcher is left, or was not reaped"


@pytest.fixture
def kernels(launcher: Path) -> Iterator[Kernels]:
    """Starts runners as processes of their own and ends those that are left."""
    with Kernels(launcher) as made:
        yield made


@pytest.fixture(scope="module")
def launcher_kernels(launcher: Path) -> Iterator[Kernels]:
    """The same for kernels that the tests of a module share."""
    with Kernels(launcher) as made:
        yield made
