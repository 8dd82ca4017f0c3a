from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from polykernel_builder import checks, commands
from polykernel_builder.catalog import Tree
from polykernel_builder.errors import UsageError

ROOT = Tree.here().root
NO_ENGINE = "unix:///nowhere/docker.sock"
TASKS = (
    *("build", "matrix", "new", "push", "run", "sbom", "shell", "size", "test", "vendor", "verify"),
)


def type_in(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    tools = str(Path(sys.executable).parent)
    variables = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", **environment}
    return subprocess.run(
        command, cwd=ROOT, env=variables, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "command",
    [
        "invoke build --lang rusty",
        "invoke run --lang rusty hello.rs a b",
        "invoke shell --lang rusty",
        "invoke test --lang rusty",
        "invoke matrix --lang rusty",
        "invoke size --lang rusty",
        "invoke vendor --lang rusty",
        "invoke verify --lang rusty",
        "./test --lang rusty",
        "./quickstart rusty",
    ],
)
def test_an_unknown_language_is_one_clear_line(command: str) -> None:
    result = type_in(*command.split())
    assert result.returncode == 64
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: there is no language 'rusty'; did you mean rust? Known are: ")


@pytest.mark.parametrize(
    "words",
    [
        "vendor --lang c --platform linux/sparc",
        "build --lang c --platform linux/sparc",
        "build --lang c --debian-archive http://example.org/debian",
    ],
)
def test_options_that_cannot_be_meant_are_one_line_before_any_work(words: str) -> None:
    result = type_in("invoke", *words.split(), DOCKER_HOST=NO_ENGINE)
    assert result.returncode == 64
    (line,) = result.stderr.splitlines()
    *_, option, value = words.split()
    assert line.startswith(f"error: {option} {value}: ")


@pytest.mark.parametrize("command", ["./test --lang rust", "./quickstart"])
def test_a_missing_engine_is_a_failure_that_says_what_to_do(command: str) -> None:
    result = type_in(*command.split(), DOCKER_HOST=NO_ENGINE)
    assert result.returncode != 0
    assert f"{NO_ENGINE}: no engine is listening there" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_doctor_names_what_is_missing_and_what_mends_it() -> None:
    result = type_in("invoke", "doctor", DOCKER_HOST=NO_ENGINE, COLUMNS="300")
    assert result.returncode == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("MISSING")]
    assert "engine" in line
    assert "./quickstart" in line


def test_the_list_needs_no_engine() -> None:
    result = type_in("invoke", "list", DOCKER_HOST=NO_ENGINE)
    assert result.returncode == 0
    listed = {line.split()[0] for line in result.stdout.splitlines() if line[:1].strip()}
    assert set(Tree.here().languages) <= listed


@pytest.mark.parametrize("task", ["build", "test"])
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("", "say which: --lang LANG, --all, or --changed --base REV"),
        ("--lang rust --all", "say which: --lang LANG, --all, or --changed --base REV"),
        ("--all --changed", "say which: --lang LANG, --all, or --changed --base REV"),
        ("--changed", "say since when: --base REV, for example --base origin/main"),
        ("--changed --base=", "say since when: --base REV, for example --base origin/main"),
        ("--lang rust --base HEAD", "--base and --dry-run go with --changed"),
        ("--all --dry-run", "--base and --dry-run go with --changed"),
        (
            "--changed --base nowhere",
            "--base nowhere: no such revision here; do: git fetch origin, or name another",
        ),
    ],
)
def test_what_to_build_and_test_must_be_said(task: str, options: str, problem: str) -> None:
    result = type_in("invoke", task, *options.split())
    assert result.returncode == 64
    assert result.stderr == f"error: {problem}\n"


def test_a_dry_run_says_what_changed_and_needs_no_engine() -> None:
    for task, names in (("build", {"base", "rust"}), ("test", {"rust"})):
        options = ("--changed", "--base", "0" * 40, "--dry-run")
        result = type_in("invoke", task, *options, DOCKER_HOST=NO_ENGINE)
        assert (result.returncode, result.stderr) == (0, "")
        reasons = dict(line.split(": ", 1) for line in result.stdout.splitlines())
        assert names <= reasons.keys()
        assert reasons["rust"].startswith("languages/rust/Dockerfile added, and ")


@pytest.mark.parametrize("command", ["invoke shell", "invoke new"])
def test_a_language_must_be_named(command: str) -> None:
    result = type_in(*command.split())
    assert result.returncode == 64
    assert result.stderr == "error: say which: --lang LANG\n"


def test_a_note_is_for_a_size_that_is_recorded() -> None:
    result = type_in("invoke", "size", "--lang", "rust", "--note", "why")
    assert result.returncode == 64
    assert result.stderr == "error: a note is kept with a recorded size: add --record\n"


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_tasks_explain_themselves(task: str, option: str) -> None:
    result = type_in("invoke", task, option)
    assert result.returncode == 0
    assert "--lang" in result.stdout + result.stderr


def test_tests_of_several_languages_run_together() -> None:
    tests = ("tests/integration/test_hello.py", "--lang", "c", "--lang", "rust")
    result = type_in(sys.executable, "-m", "pytest", "--collect-only", "--quiet", *tests)
    names = [line.rpartition("[")[2] for line in result.stdout.splitlines() if "::" in line]
    assert set(names) == {"c]", "rust]"}


def test_certificates_are_those_given_or_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, usual = tmp_path / "given.pem", tmp_path / "usual.pem"
    given.touch()
    usual.touch()
    for name in commands.CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert commands.ca_bundle(None) is None
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(usual))
    assert commands.ca_bundle(None) == usual
    assert commands.ca_bundle(str(given)) == given
    with pytest.raises(UsageError, match=r"--ca-bundle .*none\.pem: there is no such file"):
        commands.ca_bundle(str(tmp_path / "none.pem"))


def test_every_script_dockerfile_and_workflow_is_linted() -> None:
    linted = {word for _, command in checks.linters(ROOT) for word in command}
    listed = type_in("git", "ls-files", "--cached", "--others", "--exclude-standard").stdout
    files = [Path(name) for name in listed.splitlines() if "examples" not in Path(name).parts]
    for path in files:
        dockerfile = path.name == "Dockerfile" and "templates" not in path.parts
        workflow = path.parts[0] == ".github" or path.name == ".gitlab-ci.yml"
        if path.suffix == ".sh" or dockerfile or workflow:
            assert str(path) in linted
