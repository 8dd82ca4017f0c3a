"""The commands of linters, type checker and tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.console import console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polykernel_builder.catalog import Tree

Command = tuple[str, ...]

SHELL_SCRIPTS = ("quickstart", "test", ".ci/run", "scripts/*.sh", "shared/runner/*.sh")
LANGUAGE_SHELL_SCRIPTS = ("images/*/*.sh", "languages/*/*.sh", "languages/*/*/*.sh")
DOCKERFILES = ("images/*/Dockerfile", "languages/*/Dockerfile")


def run_linters(tree: Tree) -> list[str]:
    """Run all, not only until one fails; the result names those that failed."""
    return [name for name, command in linters(tree.root) if _run(tree, name, command) != 0]


def run_tests(tree: Tree, *paths: str, lang: str | None = None) -> int:
    """Run pytest on `paths`; the result is its exit code.

    With `lang`, tests of other languages are left out.
    """
    narrowed = ("--lang", lang) if lang else ()
    return _run(tree, "tests", (sys.executable, "-m", "pytest", *narrowed, *paths))


def linters(root: Path) -> Iterator[tuple[str, Command]]:
    """Names and commands; the tools are those of the running environment."""
    tools = Path(sys.executable).parent
    yield "ruff check", (str(tools / "ruff"), "check", "--quiet", ".")
    yield "ruff format", (str(tools / "ruff"), "format", "--check", "--quiet", ".")
    apart = _files(root, "languages/*-*/language.py")
    yield "mypy", (str(tools / "mypy"), *(path for path in _typed(root) if path not in apart))
    # No package can have such a name, so to mypy these are all of one.
    for path in apart:
        yield f"mypy {path}", (str(tools / "mypy"), "--no-error-summary", path)
    scripts = _files(root, *SHELL_SCRIPTS, *LANGUAGE_SHELL_SCRIPTS)
    shellcheck = tools / "shellcheck"
    # Where its package has no wheel it is the system's.
    program = str(shellcheck) if shellcheck.exists() else shellcheck.name
    yield "shellcheck", (program, "--external-sources", *scripts)
    yield "hadolint", (str(tools / "hadolint"), *_files(root, *DOCKERFILES))


def _typed(root: Path) -> list[str]:
    ours = ("shared/*/polykernel*", "languages/*/language.py", "languages/*/server")
    return _files(root, *ours, "languages/*/helpers", "tasks.py", "tests", "bench")


def _files(root: Path, *patterns: str) -> list[str]:
    return sorted(
        str(path.relative_to(root)) for pattern in patterns for path in root.glob(pattern)
    )


def _run(tree: Tree, name: str, command: Command) -> int:
    console.print(f"==> {name}")
    return subprocess.run(command, cwd=tree.root, check=False).returncode
