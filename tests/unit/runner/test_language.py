"""Language modules: assignments and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_builder.catalog import Tree
from polykernel_runner import language
from polykernel_runner.errors import ConfigError
from polykernel_runner.language import (
    BuildStep,
    EvaluationServer,
    JupyterKernel,
    Language,
    Project,
    Snippet,
)

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = sorted((Tree.here().root / "languages").glob("*/language.py"))


def load(directory: Path, text: str) -> Language:
    (directory / "language.py").write_text(text)
    return language.load(directory / "language.py")


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.name)
def test_every_language_of_ours_loads(path: Path) -> None:
    loaded = language.load(path)
    assert loaded.name == path.parent.name
    promised = Tree.here().language(loaded.name).manifest.modes
    assert bool(loaded.projects) == ("batch" in promised)
    assert (loaded.query is not None) == ("query" in promised)
    for project in loaded.projects:
        assert isinstance(project, Project)
        commands = [project.run, *(step.argv for step in (*project.build, *project.clean))]
        assert all(isinstance(word, str) for argv in commands for word in argv)
        assert all(len(pattern) > 1 for pattern in project.when), "a tuple lacks its comma"


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.name)
def test_defect_16_a_jupyter_kernel_is_named_by_its_command(path: Path) -> None:
    query = language.load(path).query
    if isinstance(query, JupyterKernel):
        assert "{connection_file}" in query.argv
        assert query.argv[0]


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.name)
def test_an_evaluation_server_is_told_its_socket(path: Path) -> None:
    query = language.load(path).query
    if isinstance(query, EvaluationServer):
        assert any("{socket}" in word for word in query.argv)


def test_there_are_languages() -> None:
    assert {path.parent.name for path in LANGUAGES} >= {"python", "c", "java", "rust", "julia"}


def test_a_name_is_enough(tmp_path: Path) -> None:
    assert load(tmp_path, "name = 'toy'") == Language(name="toy")


def test_all_that_a_language_can_say(tmp_path: Path) -> None:
    text = """
from polykernel_runner.language import BuildStep, Project, Snippet

_PRIVATE = ("toy", "{main}")
name = "toy"
projects = (Project(when=("*.toy",), run=_PRIVATE, build=(BuildStep(argv=("x",)),)),)
query = Snippet(file="main.toy", run=_PRIVATE)
env = {"A": "1"}
live_env = {"B": "2"}
"""
    run = ("toy", "{main}")
    assert load(tmp_path, text) == Language(
        name="toy",
        projects=(Project(when=("*.toy",), run=run, build=(BuildStep(argv=("x",)),)),),
        query=Snippet(file="main.toy", run=run),
        env={"A": "1"},
        live_env={"B": "2"},
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "name = 'x'\nprojcts = ()",
            "assigns 'projcts'; a language has env, live_env,",
        ),
        ("name = 'x'\nimport os", "assigns 'os'"),
        ("env = {}", "does not assign the language's name"),
        ("name = 5", "does not assign the language's name"),
        ("name = ", "fails: .*SyntaxError"),
        ("import no_such_module", "fails: .*No module named 'no_such_module'"),
        ("from polykernel_runner.language import Snippet\nSnippet(fil='x')", "fails: .*'fil'"),
        (
            "from polykernel_runner.language import Project\nProject(when=('*.x'), run=('x',))",
            "fails: .*`when` and `run` are tuples",
        ),
    ],
)
def test_what_is_wrong_with_a_module_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(tmp_path, text)


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"the language module {tmp_path}/gone\.py fails"):
        language.load(tmp_path / "gone.py")
