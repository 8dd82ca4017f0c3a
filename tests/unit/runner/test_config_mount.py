"""The files of /home/config: what of them cannot be used costs itself, and is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polykernel_runner import config
from polykernel_runner.config_mount import PORTS, Dotfile


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").mkdir()
    return {"POLYKERNEL_AUTH": "none", "POLYKERNEL_CONFIG": str(tmp_path / "config")}


def ports(env: dict[str, str], text: str) -> tuple[dict[str, int], tuple[str, ...]]:
    (Path(env["POLYKERNEL_CONFIG"]) / "intrinsic-ports.json").write_text(text)
    loaded = config.load(env)
    return dict(loaded.ports), loaded.complaints


def test_ports_can_be_moved(env: dict[str, str]) -> None:
    text = json.dumps({"replin": 3000, "ttyd": 3001})
    assert ports(env, text) == ({**PORTS, "replin": 3000, "ttyd": 3001}, ())


def test_ports_nobody_moved(env: dict[str, str]) -> None:
    assert config.load(env).ports == PORTS


@pytest.mark.parametrize("text", ["", "{", "[2000]", "5", "\udcff"])
def test_ports_that_cannot_be_read_are_said(env: dict[str, str], text: str) -> None:
    path = Path(env["POLYKERNEL_CONFIG"]) / "intrinsic-ports.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    loaded = config.load(env)
    assert loaded.ports == PORTS
    assert [str(path) in complaint for complaint in loaded.complaints] == [True]


@pytest.mark.parametrize("port", [0, 65536, -1, "2000", True, None, 1.5])
def test_a_port_that_is_none_is_left_out_and_named(env: dict[str, str], port: object) -> None:
    moved, complaints = ports(env, json.dumps({"replin": port, "replout": 3001}))
    assert moved == {**PORTS, "replout": 3001}
    assert ["'replin'" in complaint for complaint in complaints] == [True]


def test_a_port_of_nothing_is_left_out_and_named(env: dict[str, str]) -> None:
    moved, (complaint,) = ports(env, '{"vnc": 5900}')
    assert (moved, "'vnc'" in complaint) == (PORTS, True)


def dotfiles(env: dict[str, str], text: str) -> tuple[tuple[Dotfile, ...], tuple[str, ...]]:
    path = Path(env["POLYKERNEL_CONFIG"]) / "dotfiles.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    loaded = config.load(env)
    assert all(str(path) in complaint for complaint in loaded.complaints)
    return loaded.dotfiles, loaded.complaints


def test_dotfiles_are_read(env: dict[str, str]) -> None:
    text = """[{"path": ".bashrc", "data": "alias ü=echo\\n", "perm": "644"},
              {"path": "~/.ssh/config", "data": "", "perm": "0600", "other": 1}]"""
    assert dotfiles(env, text) == (
        (
            Dotfile(path=".bashrc", text="alias ü=echo\n", mode=0o644),
            Dotfile(path="~/.ssh/config", text="", mode=0o600),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (5, "it is not like"),
        ({}, "its 'path' is not a text"),
        ({"path": ".a", "perm": "644"}, "its 'data' is not a text"),
        ({"path": ".a", "data": ["a secret"], "perm": "644"}, "its 'data' is not a text"),
        ({"path": ".a", "data": "a secret", "perm": 644}, "its 'perm' is not a text"),
        ({"path": ".a", "data": "a secret", "perm": "999"}, "'999' is not an octal text"),
        ({"path": ".a", "data": "a secret", "perm": "4755"}, "'4755' is not an octal text"),
        ({"path": ".a", "data": "a secret", "perm": ""}, "'' is not an octal text"),
    ],
)
def test_a_bad_dotfile_costs_that_dotfile(env: dict[str, str], entry: object, says: str) -> None:
    good = {"path": ".good", "data": "good", "perm": "600"}
    found, (complaint,) = dotfiles(env, json.dumps([entry, good]))
    assert found == (Dotfile(path=".good", text="good", mode=0o600),)
    assert says in complaint
    assert "entry 1 is left out" in complaint
    assert "secret" not in complaint


@pytest.mark.parametrize("text", ["", "{}", "[", '"x"', "[" * 100_000, "\udcff"])
def test_dotfiles_that_cannot_be_read_are_said(env: dict[str, str], text: str) -> None:
    found, complaints = dotfiles(env, text)
    assert (found, len(complaints)) == ((), 1)


def test_defect_11_a_line_that_is_no_variable_is_skipped_and_named(env: dict[str, str]) -> None:
    path = Path(env["POLYKERNEL_CONFIG"]) / "environ.txt"
    path.write_bytes(
        b"A=1\nno equals sign\n# a comment\n\n B =b=c\nEMPTY=\n=no name\nRAW=\xff\nD=last\nNUL=\0\n"
        b"SEP=a\x0cb\xe2\x80\xa8c\n"
    )
    loaded = config.load(env)
    told = {name: loaded.user_env[name] for name in ("A", "B", "EMPTY", "RAW", "D")}
    assert told == {"A": "1", "B": "b=c", "EMPTY": "", "RAW": "\udcff", "D": "last"}
    assert loaded.user_env["SEP"] == "a\x0cb\u2028c"
    assert [complaint.rsplit(", ", 1)[1] for complaint in loaded.complaints] == [
        f"line {number} is not KEY=value and is left out" for number in (2, 7, 10)
    ]
    assert all(str(path) in complaint for complaint in loaded.complaints)
