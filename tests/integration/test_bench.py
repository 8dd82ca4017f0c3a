"""`invoke bench` for one figure that costs little: it is measured, and nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench import report

from driving.containers import docker
from polykernel_builder.catalog import Tree
from polykernel_builder.engine import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Tree.here().root
INVOKE = str(Path(sys.executable).with_name("invoke"))
# What all of these need is the image of C.
C = pytest.mark.parametrize("lang", ["c"])  # said to tests/integration/conftest.py
NAMES = {"name": "polykernel-bench-"}


def bench(*options: str) -> subprocess.Popen[str]:
    command: Sequence[str] = (INVOKE, "bench", *options)
    env = {**os.environ, "DOCKER_HOST": connect().host}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True)


@contextmanager
def measuring() -> Iterator[subprocess.Popen[str]]:
    """One that has containers, and will be at it for long."""
    with bench("--only", "exec-true", "--rounds", "100000") as process:
        assert process.stderr is not None
        # The last side is prepared when the others are open.
        for line in process.stderr:
            if "preparing sh" in line:
                break
        assert of(process.pid) != []
        yield process


def of(pid: int) -> list[str]:
    """The containers of a process that measures."""
    with docker() as client:
        found = client.api.containers(all=True, filters=NAMES)
    return [item["Id"] for item in found if f"/{pid}/" in str(item["Labels"])]


@C
def test_a_figure_is_measured_and_written(lang: str, tmp_path: Path) -> None:  # noqa: ARG001
    written = tmp_path / "found.json"

    with bench("--only", "exec-true", "--rounds", "3", "--json", str(written)) as process:
        shown, said = process.communicate()

    assert process.returncode == 0, said
    assert "exec of true" in shown
    (figure,) = json.loads(written.read_text())["figures"]
    assert figure["name"] == "exec-true"
    assert set(figure["sides"]) == {"ours", "sh -c true alone"}
    for side in figure["sides"].values():
        assert len(side["samples"]) == 3
        assert 0 < side["low"] <= side["median"] <= side["high"] < 10
    assert report.load(written).find("exec-true")
    assert of(process.pid) == []


@C
def test_who_is_told_to_end_removes_the_containers(lang: str) -> None:  # noqa: ARG001
    with measuring() as process:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()

    assert process.returncode == 130, said
    assert of(process.pid) == []


@C
def test_what_a_killed_one_left_the_next_one_removes(lang: str) -> None:  # noqa: ARG001
    with measuring() as killed:
        killed.kill()
    assert of(killed.pid) != []

    with bench("--only", "exec-true", "--rounds", "1") as process:
        _, said = process.communicate()

    assert process.returncode == 0, said
    assert of(killed.pid) == []


@C
def test_a_figure_that_is_not_there_is_told_in_one_line(lang: str) -> None:  # noqa: ARG001
    with bench("--only", "exec-false") as process:
        _, said = process.communicate()

    assert process.returncode == 1
    assert said.startswith("error: there is no figure exec-false; there are c-query, ")
    assert len(said.splitlines()) == 1
