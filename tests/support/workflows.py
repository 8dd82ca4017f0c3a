"""What the workflows of continuous integration run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from pathlib import Path

GITHUB = ".github/workflows/images.yml"
GITLAB = ".gitlab-ci.yml"
_SCRIPTS = ("./test", "scripts/")


def load(path: Path) -> dict[str, Any]:
    """Return the workflow as YAML 1.2 has it."""
    content: dict[str, Any] = YAML(typ="safe").load(path)
    return content


def workflow_commands(path: Path, job: str) -> list[str]:
    """Return the shell commands of a job, in their order: GitHub's or GitLab's."""
    workflow = load(path)
    if "jobs" in workflow:
        return [step["run"] for step in workflow["jobs"][job]["steps"] if "run" in step]
    jobs = {**workflow.get("default", {}), **workflow[job]}
    return [*jobs.get("before_script", ()), *jobs["script"]]


def is_script(command: str) -> bool:
    """Whether it sets up the machine or tests all: nothing for a test to do."""
    return command.startswith(_SCRIPTS)
