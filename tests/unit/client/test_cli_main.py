from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel import Limits, OptionError
from polykernel.cli import main
from polykernel.cli.arguments import LIMITS, environment, limits, parser

if TYPE_CHECKING:
    from pathlib import Path


def test_all_that_follows_the_file_is_the_programs() -> None:
    line = ["run", "--limit", "wallTime=2", "c", "--file", "b.h", "a.c", "--limit", "x", "--", "y"]

    args = parser().parse_args(line)

    assert (args.language, args.file, args.more) == ("c", "a.c", ["b.h"])
    assert args.limit == ["wallTime=2"]
    assert args.args == ["--limit", "x", "--", "y"]


def test_a_program_may_come_from_stdin() -> None:
    args = parser().parse_args(["run", "c", "-", "-x"])

    assert (args.file, args.args) == ("-", ["-x"])


def test_limits_are_said_as_the_protocol_names_them() -> None:
    assert limits(["wallTime=1.5", "memory=64m", "processes=3", "outputAction=kill"]) == Limits(
        wall_time=1.5, memory=64 << 20, processes=3, output_action="kill"
    )
    assert {key for key, _ in LIMITS.values()} == set(Limits.__slots__)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("speed=1", "it is one of wallTime"),
        ("wallTime", "not NAME=VALUE"),
        ("wallTime=soon", "'soon' is no number"),
        ("processes=1.5", "'1.5' is no number"),
        ("memory=much", "not like 512m"),
        ("outputAction=pray", "kill or truncate"),
    ],
)
def test_a_limit_that_is_none_is_refused(word: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        limits([word])


def test_variables_may_hold_anything() -> None:
    assert environment(["A=b=c", "E="]) == {"A": "b=c", "E": ""}


@pytest.mark.parametrize("line", [[], ["run"], ["run", "c"], ["dance"], ["images", "x"]])
def test_wrong_usage_ends_with_2(line: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line)

    assert ended.value.code == 2


def test_what_fails_is_one_line_and_a_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["run", "c", str(tmp_path / "no.c")]) == 2

    assert capsys.readouterr().err.splitlines() == [
        f"polykernel: {tmp_path}/no.c cannot be read: No such file or directory"
    ]


def test_two_files_of_one_name_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("x", "y"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "a.c").touch()

    assert main(["run", "--file", f"{tmp_path}/y/a.c", "c", f"{tmp_path}/x/a.c"]) == 2
    assert "'a.c'; give their directory" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["unix:///no/such/socket", "tcp://127.0.0.1:1"])
def test_without_an_engine_it_says_where_one_was_looked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)

    assert main(["hello", "rust"]) == 125
    said = capsys.readouterr().err
    assert said.startswith(f"polykernel: no Docker engine answers at {host}: ")
    assert said.count("\n") == 1
