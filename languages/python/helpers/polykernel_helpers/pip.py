"""pip, run in a process of its own by the Python that runs us."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from polykernel_helpers.errors import InstallError
from polykernel_helpers.requirements import installed_version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LINES_TOLD = 10


@dataclass(frozen=True)
class Distribution:
    """A name and a version."""

    name: str
    version: str


def pip_install(text: str, *options: str) -> Distribution | None:
    """Install; return what `text` named, or None where pip found nothing to do.

    Raises:
        InstallError: pip failed; its last lines.
    """
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-color"]
        command += ["--no-input", "--disable-pip-version-check", "--no-warn-script-location"]
        command += ["--report", str(report), *_user_site(), *_isolation(text), *options, text]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            last = "\n".join(done.stdout.strip().splitlines()[-LINES_TOLD:])
            raise InstallError(f"{text} could not be installed; pip says:\n{last}")
        return _requested(report)


def _requested(report: Path) -> Distribution | None:
    for item in json.loads(report.read_text(encoding="utf-8"))["install"]:
        if item["requested"]:
            return Distribution(item["metadata"]["name"], item["metadata"]["version"])
    return None


def _user_site() -> list[str]:
    place = Path(sysconfig.get_path("purelib"))
    while not place.exists():
        place = place.parent
    return ["--user"] if site.ENABLE_USER_SITE and not os.access(place, os.W_OK) else []


def _isolation(text: str) -> list[str]:
    """Have what builds a directory taken from here if it is here: it may be out of reach."""
    directory = Path(text.partition("[")[0])
    if os.sep not in text or not directory.is_dir():
        return []
    try:
        there = all(_is_met(Requirement(item)) for item in _build_requires(directory))
    except (OSError, ValueError, TypeError, AttributeError, InvalidRequirement):
        return []  # pip says better what is wrong with it
    return ["--no-build-isolation"] if there else []


def _build_requires(directory: Path) -> list[str]:
    project = directory / "pyproject.toml"
    table = tomllib.loads(project.read_text(encoding="utf-8")) if project.exists() else {}
    return list(table.get("build-system", {}).get("requires", ["setuptools"]))


def _is_met(requirement: Requirement) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    version = installed_version(requirement.name)
    return version is not None and requirement.specifier.contains(version, prereleases=True)
