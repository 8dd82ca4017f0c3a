"""How programs end, and what is told of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.errors import LaunchError
from polykernel_runner.identity import Identity
from polykernel_runner.protocol import Limits
from polykernel_runner.protocol.verdict import finished
from support.kernels import USER
from support.users import as_root

if TYPE_CHECKING:
    from pathlib import Path

    from support.programs import Runs


@pytest.mark.parametrize("code", [0, 1, 3, 127, 255])
async def test_a_program_s_own_exit_code_is_told(runs: Runs, code: int) -> None:
    ending, _, _ = await runs.sh(f"exit {code}")
    told = finished("exec", ending, Limits())
    assert (told.exit_code, told.verdict) == (code, "error" if code else "ok")


@pytest.mark.parametrize("name", ["SEGV", "ABRT", "KILL", "TERM", "PIPE", "XCPU"])
async def test_defect_04_death_by_signal_is_128_plus_n(runs: Runs, name: str) -> None:
    ending, _, _ = await runs.sh(f"kill -{name} $$")
    told = finished("exec", ending, Limits())
    assert told.exit_code == 128 + signal.Signals[f"SIG{name}"]
    assert (told.verdict, told.signal) == ("signal", f"SIG{name}")


async def test_defect_06_each_stream_is_its_own(runs: Runs) -> None:
    _, stdout, stderr = await runs.sh("echo out; echo err >&2; echo more")
    assert (stdout, stderr) == (b"out\nmore\n", b"err\n")


async def test_bytes_arrive_as_they_were_written(runs: Runs) -> None:
    every = bytes(range(256)) * 5000
    _, stdout, _ = await runs("cat", stdin=every)
    assert stdout == every


async def test_arguments_reach_the_program_whole(runs: Runs) -> None:
    _, stdout, _ = await runs.sh("printf '<%s>' \"$@\"", "a b", "", "$HOME", "--", "-c", "ä\n")
    assert stdout == "<a b><><$HOME><--><-c><ä\n>".encode()


async def test_a_program_runs_where_it_is_told_with_what_it_is_given(
    runs: Runs, tmp_path: Path
) -> None:
    env = {"PATH": os.environ["PATH"], "COLOUR": "green"}
    _, stdout, _ = await runs.sh("pwd; env | sort", env=env)
    assert stdout.splitlines()[:2] == [str(tmp_path).encode(), b"COLOUR=green"]
    assert b"POLYKERNEL" not in stdout


async def test_a_command_that_is_not_there_is_127(runs: Runs) -> None:
    ending, _, stderr = await runs("no-such-command-here", env={"PATH": "/usr/bin:/bin"})
    assert finished("exec", ending, Limits()).exit_code == 127
    assert stderr == b"no-such-command-here: command not found\n"


async def test_a_file_that_cannot_be_executed_is_126(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    ending, _, stderr = await runs("./text")
    assert finished("exec", ending, Limits()).exit_code == 126
    assert stderr == b"./text: Permission denied\n"


async def test_a_directory_that_is_not_there_is_126(runs: Runs, tmp_path: Path) -> None:
    ending, _, stderr = await runs("true", cwd=f"{tmp_path}/gone")
    assert finished("exec", ending, Limits()).exit_code == 126
    assert stderr == f"{tmp_path}/gone: No such file or directory\n".encode()


async def test_a_launcher_that_is_not_there_is_the_runner_s_failure(
    runs: Runs, tmp_path: Path
) -> None:
    with pytest.raises(LaunchError, match=r"cannot start .*/gone: "):
        await type(runs)(tmp_path / "gone", tmp_path)("true")


async def test_a_launcher_that_is_none_is_the_runner_s_failure(runs: Runs, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    with pytest.raises(LaunchError, match="ended without a word"):
        await type(runs)(fake, tmp_path)("true")


async def test_the_peak_of_a_tiny_program_is_its_own(runs: Runs) -> None:
    ballast = bytearray(os.urandom(1)) * (300 * 1024 * 1024)
    ending, _, _ = await runs("true")
    assert len(ballast) > 100 * ending.max_rss > 0


async def test_what_a_program_used_is_told(runs: Runs) -> None:
    script = "import time; b = bytearray(80_000_000); t = time.process_time\nwhile t() < .3: pass"
    ending, _, _ = await runs(sys.executable, "-c", script)
    assert ending.max_rss > 80_000_000
    assert 0.3 <= ending.cpu_time <= ending.wall_time * 1.5


async def test_files_and_cores_are_as_a_user_expects(runs: Runs) -> None:
    _, stdout, _ = await runs.sh("umask; ulimit -c; ls /proc/self/fd | wc -l")
    assert stdout.split() == [b"0022", b"0", b"4"]  # ls itself has the directory open


async def test_no_privileges_can_be_gained(runs: Runs) -> None:
    _, stdout, _ = await runs.sh("grep NoNewPrivs /proc/self/status")
    assert stdout.split() == [b"NoNewPrivs:", b"1"]


@as_root
async def test_a_program_of_another_uid_has_nothing_of_root(runs: Runs) -> None:
    _, stdout, _ = await runs.sh(
        "id -u; id -g; id -G; grep CapEff /proc/self/status", user=Identity(USER, 23456), cwd="/"
    )
    assert stdout.split() == [b"%d" % USER, b"23456", b"23456", b"CapEff:", b"0" * 16]


@as_root
async def test_a_program_of_another_uid_cannot_touch_its_supervisor(runs: Runs) -> None:
    script = "trap '' TERM; kill -9 -1 & wait; kill -9 $PPID; echo alive"
    ending, stdout, _ = await runs.sh(script, user=Identity(USER, USER), cwd="/")
    assert ending.wait_status == signal.SIGKILL or stdout == b"alive\n"


async def test_runs_side_by_side_do_not_mix(runs: Runs) -> None:
    told = await asyncio.gather(*(runs.sh(f"echo {n}; exit {n}") for n in range(20)))
    for number, (ending, stdout, _) in enumerate(told):
        assert (stdout, os.waitstatus_to_exitcode(ending.wait_status)) == (
            f"{number}\n".encode(),
            number,
        )
