"""The commands of linters, type checker and tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.console import console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from polykernel_builder.catalog import Tree

Command = tuple[str, ...]

SHELL_SCRIPTS = ("quickstart", "test", ".ci/run", "scripts/*.sh", "shared/runner/*.sh")
LANGUAGE_SHELL_SCRIPTS = ("images/*/*.sh", "languages/*/*.sh", "languages/*/*/*.sh")
DOCKERFILES = ("images/*/Dockerfile", "languages/*/Dockerfile")

# By the name of the schema that check-jsonschema has of them.
WORKFLOWS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.gitlab-ci": ".gitlab-ci.yml",
}


def run_linters(tree: Tree) -> list[str]:
    """Run all, not only until one fails; the result names those that failed."""
    return [name for name, command in linters(tree.root) if _run(tree, name, command) != 0]


def run_tests(tree: Tree, *paths: str, langs: Sequence[str] = ()) -> int:
    """Run pytest on `paths`; the result is its exit code.

    With `langs`, tests of other languages are left out.
    """
    narrowed = [word for lang in langs for word in ("--lang", lang)]
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
    for schema, pattern in WORKFLOWS.items():
        schema_check = (str(tools / "check-jsonschema"), "--builtin-schema", schema)
        yield schema, (*schema_check, *_files(root, pattern))
    yield "zizmor", (str(tools / "zizmor"), "--offline", "--quiet", ".github")


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
