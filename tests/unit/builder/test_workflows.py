from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.catalog import Tree
from polykernel_builder.checks import linters
from support.trees import write
from support.workflows import GITHUB, GITLAB, is_script, load, workflow_commands

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Tree.here().root
BOTH = pytest.mark.parametrize("workflow", [GITHUB, GITLAB])
UNPINNED = """
on: push
permissions: {}
jobs:
  it:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.head_ref }}
"""


@BOTH
def test_the_scripts_of_each_job_are_there(workflow: str) -> None:
    for job in ("changed", "release"):
        scripts = [c for c in workflow_commands(ROOT / workflow, job) if is_script(c)]
        assert scripts[-2:] == ["scripts/setup.sh", "./test --fast"]
        for command in scripts:
            script = shlex.split(command)[0]
            done = subprocess.run(
                [script, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stdout.split()[:2]) == (0, ["usage:", script])


def test_both_systems_do_the_same() -> None:
    for job in ("changed", "release"):
        github, gitlab = (workflow_commands(ROOT / path, job) for path in (GITHUB, GITLAB))
        assert [c for c in gitlab if not c.startswith("scripts/nested-engine.sh")] == github


def test_a_job_may_write_only_what_it_publishes() -> None:
    workflow = load(ROOT / GITHUB)
    assert workflow["permissions"] == {}
    allowed = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert allowed == {
        "changed": {"contents": "read"},
        "release": {"contents": "read", "packages": "write"},
    }


@pytest.mark.parametrize(
    ("name", "file", "text", "problem"),
    [
        ("vendor.github-workflows", GITHUB, "on: push\njobs: {it: {steps: []}}\n", "runs-on"),
        ("vendor.gitlab-ci", GITLAB, "it: {script: [true], timeout: [1]}\n", "timeout"),
        ("zizmor", GITHUB, UNPINNED, "template-injection"),
        ("zizmor", GITHUB, UNPINNED, "unpinned-uses"),
    ],
)
def test_a_bad_workflow_fails_the_linters(
    tmp_path: Path, name: str, file: str, text: str, problem: str
) -> None:
    write(tmp_path, {file: text})
    command = dict(linters(tmp_path))[name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert problem in done.stdout + done.stderr
