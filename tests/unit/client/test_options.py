from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from polykernel import Kernel, OptionError
from polykernel.hardening import host_config
from polykernel.options import StartOptions, parse_size, parse_user
from polykernel.room import system_v

if TYPE_CHECKING:
    from pathlib import Path

LABELS = {
    "ai.polykernel.container.memory": "2g",
    "ai.polykernel.container.processes": "99",
    "ai.polykernel.container.tmpfs": "64m",
}


def engine(*, cpus: int, options: tuple[str, ...] = ("name=seccomp",)) -> dict[str, Any]:
    """What an engine tells of itself."""
    return {"NCPU": cpus, "SecurityOptions": list(options)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"language": "../x"}, "cannot name a language"),
        ({"transport": "udp"}, "none of auto, ipc, tcp"),
        ({"memory": "1 apple"}, "like 512m or 1g"),
        ({"memory": 5}, "too little"),
        ({"cpus": 0}, "cpus must be more than 0"),
        ({"processes": -1}, "processes must be more than 0"),
        ({"start_timeout": 0}, "start_timeout must be more than 0"),
        ({"workdir": "/no/such"}, "is not a directory"),
        ({"user": "work"}, "give numbers"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_starts(
    arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        Kernel.start(**{"language": "rust", **arguments})


@pytest.mark.parametrize(
    ("size", "count"),
    [(7, 7), ("7", 7), ("7b", 7), ("2k", 2048), ("512m", 512 << 20), ("1G", 1 << 30)],
)
def test_sizes_are_bytes(size: int | str, count: int) -> None:
    assert parse_size(size) == count


@pytest.mark.parametrize(
    ("user", "ids"), [(None, None), ("0", None), ("12345", (12345, 0)), ("7:8", (7, 8))]
)
def test_users_are_ids(user: str | None, ids: tuple[int, int] | None) -> None:
    assert parse_user(user) == ids


def test_what_is_not_asked_for_the_image_decides() -> None:
    config = host_config(StartOptions(language="rust"), LABELS, engine(cpus=1))

    assert config["mem_limit"] == config["memswap_limit"] == 2 << 30
    assert config["pids_limit"] == 99
    assert config["nano_cpus"] == 1_000_000_000
    assert f"size={64 << 20}," in config["tmpfs"]["/home/work"]


def test_what_is_asked_for_wins() -> None:
    options = StartOptions(language="rust", memory=64 << 20, processes=7, cpus=0.5)

    config = host_config(options, LABELS, engine(cpus=8))

    assert config["mem_limit"] == 64 << 20
    assert config["pids_limit"] == 7
    assert config["nano_cpus"] == 500_000_000


def test_a_workdir_is_mounted_and_its_owner_runs_the_programs(tmp_path: Path) -> None:
    options = StartOptions(language="rust", workdir=tmp_path)

    config = host_config(options, {}, engine(cpus=2))

    assert config["mounts"] == [{"Type": "bind", "Source": str(tmp_path), "Target": "/home/work"}]
    assert "/home/work" not in config["tmpfs"]
    if os.geteuid() == 0:
        os.chown(tmp_path, 4321, 0)
        assert options.program_user == (4321, 1000)
    else:
        assert options.program_user[0] == os.geteuid()
        assert not options.separated


def test_an_engine_of_a_users_own_is_not_asked_for_what_it_may_not_set() -> None:
    options = StartOptions(language="rust")
    mine = host_config(options, {}, engine(cpus=1, options=("name=seccomp", "name=rootless")))
    roots = host_config(options, {}, engine(cpus=1))

    assert mine["sysctls"] == {}
    assert roots["sysctls"] == system_v(1 << 30)


def test_a_runtime_is_one_that_the_engine_knows() -> None:
    there = {**engine(cpus=1), "Runtimes": {"runsc": {}, "runc": {}}}

    for name in (None, "runsc"):
        config = host_config(StartOptions(language="rust", runtime=name), {}, there)
        assert config["runtime"] == name
    for known, said in ((there, "it knows runc, runsc"), (engine(cpus=1), "has no runtime 'kata'")):
        with pytest.raises(OptionError, match=said):
            host_config(StartOptions(language="rust", runtime="kata"), {}, known)


def test_programs_never_have_the_uid_that_owns_the_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    options = StartOptions(language="rust")

    assert options.program_user == (1001, 1001)
    assert options.separated
    assert not StartOptions(language="rust", user=(1000, 0)).separated
