"""Which program it is, and which commands come of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner import plan
from polykernel_runner.errors import JobRefused
from polykernel_runner.language import BuildStep, Language, Project
from polykernel_runner.plan import Tree, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

TOY = Language(
    name="toy",
    projects=(
        Project(
            when=("Toyfile",),
            build=(BuildStep(argv=("toy", "{work}")),),
            run=("sh", "./toy", "{args}", "end"),
        ),
        Project(
            when=("main.toy", "*.toy"),
            build=(
                BuildStep(when="needs.txt", argv=("fetch", "needs.txt")),
                BuildStep(argv=("toyc", "$TOYFLAGS", "-o", "{build}/x", "{main}", "{sources}")),
            ),
            clean=(BuildStep(argv=("rm", "{build}/x")),),
            sources="**/*.lib",
            run=("{build}/x", "{args}"),
        ),
    ),
)


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def words(env: Mapping[str, str] | None = None) -> Words:
    return Words(env=env or {}, work="/w", build="/b")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("main.toy", ["main.toy"]),
        ("gone.toy", []),
        ("deep", []),
        ("deep/d.toy", ["deep/d.toy"]),
        ("*.toy", ["a b.toy", "main.toy"]),
        ("**/*.toy", ["a b.toy", "deep/d.toy", "deep/er/e.toy", "main.toy"]),
        ("**/main.*", ["main.toy"]),
        ("*.TOY", []),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, found: list[str]) -> None:
    put(tmp_path, "main.toy", "a b.toy", "deep/d.toy", "deep/er/e.toy", "other.txt")
    put(tmp_path, ".git/hidden.toy", ".hidden.toy", "deep/.x/y.toy")
    assert Tree(str(tmp_path)).match(pattern) == found


def test_sources_may_have_several_patterns(tmp_path: Path) -> None:
    put(tmp_path, "main.toy", "b/x.tim", "c.tom", "a/x.tom", "other.txt")
    toys = Project(when=("*.toy",), run=("x", "{sources}"), sources=("**/*.tom", "**/x.*"))
    made = plan.make(Language(name="toy", projects=(toys,)), Tree(str(tmp_path)), words())
    assert made.run(()) == ("x", "a/x.tom", "b/x.tim", "c.tom")


def test_the_files_of_a_job_are_the_program(tmp_path: Path) -> None:
    put(tmp_path, "left/over.toy", "main.toy", "a.toy", "sub/b.toy")
    tree = Tree(str(tmp_path), ["sub/b.toy", "a.toy"])
    assert tree.match("main.toy") == []
    assert tree.match("a.toy") == ["a.toy"]
    assert tree.match("**/*.toy") == ["a.toy", "sub/b.toy"]
    assert tree.match("*.toy") == ["a.toy"]


def test_defect_35_linked_directories_are_not_walked(tmp_path: Path) -> None:
    put(tmp_path, "work/a.toy", "else/where/b.toy")
    work = tmp_path / "work"
    (work / "link").symlink_to(tmp_path / "else")
    (work / "up").symlink_to(work)
    (work / "file.toy").symlink_to(tmp_path / "else/where/b.toy")
    assert Tree(str(work)).match("**/*.toy") == ["a.toy", "file.toy"]


def test_links_that_lead_nowhere_harm_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.toy")
    (tmp_path / "broken.toy").symlink_to("gone")
    (tmp_path / "loop.toy").symlink_to("loop.toy")
    assert Tree(str(tmp_path)).match("**/*.toy") == ["a.toy"]


def test_defect_35_mounted_folders_are_not_walked() -> None:
    # /dev is one file system, and /dev/shm below it another, on every Linux.
    with tempfile.NamedTemporaryFile(dir="/dev/shm", suffix=".toy") as file:
        assert Tree("/dev/shm").match("**/*.toy") == [Path(file.name).name]
        assert Tree("/dev").match("**/*.toy") == []


def test_the_first_project_that_matches_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "Toyfile", "main.toy")
    made = plan.make(TOY, Tree(str(tmp_path)), words())
    assert made.commands(made.project.build) == [("toy", "/w")]
    assert made.run(("1", "")) == ("sh", "./toy", "1", "", "end")


def test_words_are_replaced(tmp_path: Path) -> None:
    put(tmp_path, "main.toy", "z.toy", "lib/b.lib", "a.lib")
    env = {"TOYFLAGS": "-O2 '-DNAME=a b' \"\""}
    made = plan.make(TOY, Tree(str(tmp_path)), words(env))
    build = ("toyc", "-O2", "-DNAME=a b", "", "-o", "/b/x", "main.toy", "a.lib", "lib/b.lib")
    assert made.commands(made.project.build) == [build]
    assert made.commands(made.project.clean) == [("rm", "/b/x")]
    assert made.run(("{main}", "$TOYFLAGS", "a b")) == ("/b/x", "{main}", "$TOYFLAGS", "a b")


def test_a_step_may_depend_on_a_file(tmp_path: Path) -> None:
    put(tmp_path, "main.toy", "needs.txt")
    made = plan.make(TOY, Tree(str(tmp_path)), words())
    assert made.commands(made.project.build) == [
        ("fetch", "needs.txt"),
        ("toyc", "-o", "/b/x", "main.toy"),
    ]


def test_the_only_file_is_the_main_one(tmp_path: Path) -> None:
    put(tmp_path, "hello there.toy")
    made = plan.make(TOY, Tree(str(tmp_path)), words())
    assert made.words.main == "hello there.toy"


def test_of_several_programs_one_must_be_named(tmp_path: Path) -> None:
    put(tmp_path, *(f"{n}.toy" for n in range(7)))
    with pytest.raises(JobRefused) as caught:
        plan.make(TOY, Tree(str(tmp_path)), words())
    assert str(caught.value) == (
        "there are 7 programs, 0.toy, 1.toy, 2.toy, 3.toy, 4.toy, ...; call the one to run main.toy"
    )


def test_nothing_to_run_says_what_is_looked_for(tmp_path: Path) -> None:
    put(tmp_path, "notes.txt")
    with pytest.raises(JobRefused, match=r"has none of Toyfile, main\.toy, \*\.toy$"):
        plan.make(TOY, Tree(str(tmp_path)), words())


def test_a_language_without_batch_says_so(tmp_path: Path) -> None:
    with pytest.raises(JobRefused, match="mute runs no programs in batch"):
        plan.make(Language(name="mute"), Tree(str(tmp_path)), words())


def test_flags_that_are_no_words_are_refused_by_name(tmp_path: Path) -> None:
    put(tmp_path, "main.toy")
    made = plan.make(TOY, Tree(str(tmp_path)), words({"TOYFLAGS": "-D'x"}))
    with pytest.raises(JobRefused, match="TOYFLAGS"):
        made.commands(made.project.build)
