from __future__ import annotations

import pytest

from polykernel_builder.errors import UsageError
from polykernel_builder.run_command import RunRequest, is_run, parse_run


@pytest.mark.parametrize(
    ("typed", "args"),
    [
        ("--lang rust hello.rs", ()),
        ("--lang rust hello.rs a b", ("a", "b")),
        ("--lang=rust hello.rs -x --n=3 --lang c", ("-x", "--n=3", "--lang", "c")),
        ("-l rust hello.rs --help", ("--help",)),
        ("--lang rust hello.rs -- a", ("a",)),
        ("--lang rust hello.rs a -- b", ("a", "--", "b")),
        ("--lang rust -- hello.rs a", ("a",)),
    ],
)
def test_all_after_the_file_is_the_programs(typed: str, args: tuple[str, ...]) -> None:
    assert parse_run(typed.split()) == RunRequest(lang="rust", file="hello.rs", args=args)


def test_words_keep_their_blanks() -> None:
    request = parse_run(["--lang", "c", "my program.c", "two words", ""])
    assert request == RunRequest(lang="c", file="my program.c", args=("two words", ""))


def test_a_dash_is_the_program_on_standard_input() -> None:
    assert parse_run(["--lang", "c", "-", "a"]) == RunRequest(lang="c", file="-", args=("a",))


def test_help_is_left_to_invoke() -> None:
    assert parse_run(["--help"]) is None
    assert parse_run(["--lang", "c", "-h"]) is None


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("hello.rs", "--lang LANG must be given"),
        ("hello.rs --lang rust", "--lang LANG must be given, before FILE"),
        ("--lang", "which FILE"),
        ("--lang rust", "which FILE"),
        ("--lnag rust hello.rs", "run has no option --lnag"),
    ],
)
def test_what_cannot_be_meant_is_told(typed: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        parse_run(typed.split())


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["/venv/bin/invoke", "run", "--lang", "c"], True),
        (["inv", "run"], True),
        (["/lib/invoke/__main__.py", "run"], True),
        (["/venv/bin/invoke", "build", "--lang", "c", "run"], False),
        (["/venv/bin/invoke"], False),
        (["/venv/bin/pytest", "run"], False),
        ([], False),
    ],
)
def test_only_invokes_own_run_is_taken(argv: list[str], expected: object) -> None:
    assert is_run(argv) is expected
