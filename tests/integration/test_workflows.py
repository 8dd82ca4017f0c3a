"""Continuous integration: its own commands, in a clone where one language changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from driving.containers import remove_images
from driving.registries import registry
from polykernel_builder import engine
from polykernel_builder.catalog import Tree
from support.workflows import GITHUB, GITLAB, is_script, workflow_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

pytestmark = [pytest.mark.parametrize("lang", ["bash"]), pytest.mark.deadline(300)]

ROOT = Tree.here().root
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".cache", ".*_cache", "__pycache__", "*.egg-info"
)


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def client() -> Iterator[DockerClient]:
    client = engine.connect().client
    yield client
    client.close()


@pytest.fixture
def clone(tmp_path: Path, lang: str, client: DockerClient) -> Iterator[Path]:
    """The clone with its history and whatever is not committed, and the language `trial` in it."""
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", ROOT, root], check=True)
    # Images say where their source is from: with another origin all would be others.
    git(root, "remote", "remove", "origin")
    if origin := _origin():
        git(root, "remote", "add", "origin", origin)
    shutil.copytree(ROOT, root, ignore=NOT_COPIED, symlinks=True, dirs_exist_ok=True)
    shutil.copytree(root / "languages" / lang, root / "languages" / "trial")
    module = root / "languages" / "trial" / "language.py"
    module.write_text(module.read_text().replace(f'name = "{lang}"', 'name = "trial"'))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=a language")
    (root / ".cache").symlink_to(ROOT / ".cache")
    # The environment is the one at work here; a link to all of it would be emptied by `./test`.
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    yield root
    remove_images(client, "polykernel/trial")


def _origin() -> str:
    command = ["git", "-C", str(ROOT), "config", "remote.origin.url"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def run(clone: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    packages = [clone / "shared" / part for part in ("builder", "client", "runner")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, packages)),
        **variables,
    }
    return subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_change_in_one_language_builds_and_tests_that_one(
    clone: Path, client: DockerClient, tmp_path: Path
) -> None:
    base = git(clone, "rev-parse", "HEAD")
    with (clone / "languages" / "trial" / "Dockerfile").open("a", encoding="utf-8") as file:
        file.write("RUN echo changed > /changed\n")
    git(clone, "commit", "--quiet", "--all", "--message=a change")
    results = tmp_path / "results.xml"
    # All tests of a language take minutes when this machine is busy; these show the way to them.
    options = f"-k hello --junitxml={results}"
    commands = [c for c in workflow_commands(clone / GITHUB, "changed") if not is_script(c)]
    assert commands == [c for c in workflow_commands(clone / GITLAB, "changed") if not is_script(c)]
    for command in commands:
        done = run(clone, command, BASE=base, PYTEST_ADDOPTS=options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.splitlines()[0] == "trial: languages/trial/Dockerfile changed"
    image = client.images.get("polykernel/trial:latest")
    output = client.containers.run(image, entrypoint=["cat", "/changed"], command=[], remove=True)
    assert output == b"changed\n"
    names = [case.get("name", "") for case in ET.parse(results).iter("testcase")]  # noqa: S314
    assert names
    assert [name for name in names if "trial" not in name] == []


@pytest.mark.parametrize("workflow", [GITHUB, GITLAB])
def test_a_change_of_documentation_builds_and_tests_nothing(clone: Path, workflow: str) -> None:
    base = git(clone, "rev-parse", "HEAD")
    with (clone / "docs" / "PROTOCOL.md").open("a", encoding="utf-8") as file:
        file.write("More.\n")
    git(clone, "commit", "--quiet", "--all", "--message=a change")
    commands = [c for c in workflow_commands(clone / workflow, "changed") if not is_script(c)]
    said = [run(clone, command, BASE=base, DOCKER_HOST="unix:///nowhere") for command in commands]
    assert [done.returncode for done in said] == [0, 0]
    assert [done.stdout for done in said] == ["nothing to build\n", "nothing to test\n"]


def test_a_release_builds_tests_and_pushes_all(clone: Path, client: DockerClient) -> None:
    for path in (clone / "languages").iterdir():
        if path.name != "trial":
            shutil.rmtree(path)
    commands = [c for c in workflow_commands(clone / GITHUB, "release") if not is_script(c)]
    assert commands == [c for c in workflow_commands(clone / GITLAB, "release") if not is_script(c)]
    build, test, login, push = commands
    assert login.startswith("docker login ")
    for command in (build, test):
        # Tests of languages that are not there cannot even be read.
        done = run(clone, command, PYTEST_ADDOPTS="--ignore-glob=**/test_[!h]*.py -k hello")
        assert done.returncode == 0, done.stdout + done.stderr
    with registry() as started:
        # A narrowed test is no proof, so there is none.
        refused = run(clone, push, REGISTRY=f"{started.host}/Alice")
        assert (refused.returncode, refused.stdout) == (1, "")
        done = run(clone, f"{push} --untested", REGISTRY=f"{started.host}/Alice")
        assert done.returncode == 0, done.stderr
        repositories = started.get("_catalog")["repositories"]
    assert repositories == ["alice/base", "alice/launcher", "alice/trial"]
    told = json.loads((clone / "digests.json").read_text())["images"]
    assert told["trial"]["image_id"] == client.images.get("polykernel/trial:latest").id
