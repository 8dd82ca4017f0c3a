"""Imports point one way; what each room is for stands in docs/ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = Tree.here().root
RUNNER = "polykernel_runner"
# From the ground up: a room may enter those of its own level and of the levels below.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "dataclass"}),
    frozenset({"protocol", "identity", "tasks", "config_mount", "media"}),
    frozenset(
        {
            *("config", "launch", "control", "input_pipe", "output_pipe"),
            *("budget", "usage", "cgroup", "sockets", "cleaner"),
        }
    ),
    frozenset({"process", "channel", "census"}),
    frozenset({"language", "plan", "workspace", "leftovers", "dotfiles", "runtime"}),
    frozenset(
        {"end", "foreground", "runs", "outbox", "logs", "oom", "about", "terminal", "bootstrap"}
    ),
    frozenset({"breach", "evaluation", "session", "serving", "pictures"}),
    frozenset({"batch", "task_log", "snippet", "jupyter", "evaluation_server", "services"}),
    frozenset({"query"}),
    frozenset({"worker"}),
    frozenset({"execution"}),
    frozenset({"server"}),
    frozenset({"command"}),
    frozenset({"__main__"}),
)
SOCKETS = frozenset({"channel", "jupyter", "sockets"})
LOADED_ON_DEMAND = frozenset({"jupyter", "jupyter_client"})
SHARED_WITH_THE_HOST = frozenset({"protocol", "errors", "dataclass"})


def files(package: str) -> list[Path]:
    (root,) = (ROOT / "shared").glob(f"*/{package}")
    return [path for path in sorted(root.rglob("*.py")) if "templates" not in path.parts]


def imports(path: Path, *, at_start_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if at_start_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms() -> dict[str, list[Path]]:
    """The runner's rooms: modules and packages just below it."""
    found: dict[str, list[Path]] = {}
    for path in files(RUNNER):
        parts = path.parts[path.parts.index(RUNNER) + 1 :]
        found.setdefault(parts[0].removesuffix(".py"), []).append(path)
    found.pop("__init__")
    return found


def entered(room: str) -> set[str]:
    names = {name for path in rooms()[room] for name in imports(path)}
    ours = {name.split(".")[1] for name in names if name.startswith(f"{RUNNER}.")}
    return (ours & set(rooms())) - {room}


def level(room: str) -> int:
    (found,) = (number for number, there in enumerate(LEVELS) if room in there)
    return found


def test_every_room_has_its_level_and_its_place_in_the_documentation() -> None:
    there = set(rooms())
    assert {room for rooms_of_level in LEVELS for room in rooms_of_level} == there
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)/?`", row)}
    assert told == there - {"__main__"}


@pytest.mark.parametrize("room", sorted(rooms()))
def test_no_room_of_the_runner_calls_back_up(room: str) -> None:
    above = {name for name in entered(room) if level(name) > level(room)}
    assert not above


def test_no_rooms_go_in_circles() -> None:
    TopologicalSorter({room: entered(room) for room in rooms()}).prepare()


def test_programs_and_messages_know_nothing_of_each_other() -> None:
    assert "channel" not in entered("process")
    assert "process" not in entered("channel")


def test_sockets_are_used_in_their_rooms_only() -> None:
    users = {
        room
        for room, paths in rooms().items()
        for path in paths
        for name in imports(path)
        if name.split(".")[0] == "zmq"
    }
    assert users == SOCKETS


def test_jupyter_is_loaded_only_for_languages_that_use_it() -> None:
    for room, paths in rooms().items():
        for path in paths if room != "jupyter" else []:
            at_start = {
                name.removeprefix(f"{RUNNER}.") for name in imports(path, at_start_only=True)
            }
            assert not {name.split(".")[0] for name in at_start} & LOADED_ON_DEMAND, path


@pytest.mark.parametrize("package", ["polykernel", "polykernel_builder"])
def test_the_host_shares_the_protocol_with_the_runner_and_nothing_else(package: str) -> None:
    for path in files(package):
        for name in imports(path):
            if name.startswith(f"{RUNNER}."):
                assert name.split(".")[1] in SHARED_WITH_THE_HOST, path


@pytest.mark.parametrize(
    ("package", "others"),
    [(RUNNER, {"polykernel", "polykernel_builder"}), ("polykernel", {"polykernel_builder"})],
)
def test_packages_depend_one_way(package: str, others: set[str]) -> None:
    for path in files(package):
        assert not {name.split(".")[0] for name in imports(path)} & others, path
