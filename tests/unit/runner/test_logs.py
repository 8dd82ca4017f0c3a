"""The runner's log: as records to the client, and on its own standard error."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels

KEYS = ["time", "level", "logger", "message"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def stderr(kernel: Kernel) -> str:
    """All of the log; this ends the kernel."""
    kernel.process.terminate()
    _, said = kernel.process.communicate(timeout=30)
    return str(said, "utf-8")


def parsed(text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(list(line) == KEYS and TIME.fullmatch(line["time"]) for line in lines)
    return lines


def complain(kernel: Kernel) -> None:
    """Make the runner log a warning, and do a run after it."""
    kernel.send(b"greet", b"")
    assert kernel.do(b"exec", b"echo out; echo err >&2")[1:] == (b"out\n", b"err\n")


WARNING = "unknown request type 'greet'"


def test_a_line_for_people_is_level_and_text(kernels: Kernels) -> None:
    kernel = kernels.start(stderr=subprocess.PIPE)
    complain(kernel)
    assert kernel.logged() == [f"WARNING {WARNING}"]
    assert stderr(kernel) == f"WARNING {WARNING}\n"


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_line_for_machines_is_an_object(kernels: Kernels, way: str) -> None:
    given = {"option": ("--log", "json"), "environment": ()}[way]
    env = {"POLYKERNEL_LOG": "text" if given else "json"}
    kernel = kernels.start(*given, env=env, stderr=subprocess.PIPE)
    complain(kernel)
    assert kernel.logged() == [f"WARNING {WARNING}"]
    (line,) = parsed(stderr(kernel))
    assert line.pop("time")
    assert line == {"level": "WARNING", "logger": "polykernel_runner.server", "message": WARNING}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("way", ["option", "environment"])
def test_defect_30_debug_adds_lines_and_takes_none(kernels: Kernels, form: str, way: str) -> None:
    given = {"option": ("--debug",), "environment": ()}[way]
    env = {"POLYKERNEL_LOG": form, "POLYKERNEL_DEBUG": "" if given else "1"}
    kernel = kernels.start(*given, env=env, stderr=subprocess.PIPE)
    complain(kernel)
    told = kernel.logged()
    assert told[:3] == [
        "DEBUG received b'greet', 0 bytes",
        f"WARNING {WARNING}",
        "DEBUG received b'exec', 22 bytes",
    ]
    assert told[3] == "DEBUG /bin/sh is started"
    assert re.fullmatch(r"DEBUG /bin/sh, \d+, ended: status 0, \d\.\d{3} s", told[4])
    lines = stderr(kernel)
    if form == "json":
        lines = "".join(f"{line['level']} {line['message']}\n" for line in parsed(lines))
    assert lines.splitlines()[: len(told)] == told


def test_what_is_typed_is_in_no_log(kernels: Kernels) -> None:
    kernel = kernels.start("--debug", stderr=subprocess.PIPE)
    kernel.send(b"exec", b"read a; echo got")
    kernel.until(b"waiting-input")
    kernel.send(b"input", b"a password")
    kernel.until(b"finished")
    assert "DEBUG received b'input', 10 bytes" in kernel.logged()
    assert "password" not in "".join(kernel.logged()) + stderr(kernel)


def test_a_traceback_is_one_line_for_machines_and_a_record_a_line(kernels: Kernels) -> None:
    kernel = kernels.start("--log", "json", stderr=subprocess.PIPE)
    kernel.do(b"code", b"true")
    (private,) = kernel.work.with_name("tmp").iterdir()
    shutil.rmtree(private)
    private.touch()
    assert kernel.do(b"code", b"true")[0].verdict == "internal"
    told = kernel.logged()
    assert told[:2] == ["ERROR a run failed", "ERROR Traceback (most recent call last):"]
    assert told[-1].startswith("ERROR NotADirectoryError: ")
    assert not any("\n" in line for line in told)
    line, *_ = parsed(stderr(kernel))
    assert line["message"].split("\n") == [record.removeprefix("ERROR ") for record in told]


def test_what_keeps_it_from_starting_is_said_in_the_log_s_form(kernels: Kernels) -> None:
    env = kernels.environ(kernels.directory(), POLYKERNEL_LOG="json")
    process = kernels.popen(env, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 78
    (line,) = parsed(said.decode())
    assert (line["level"], line["message"][:15]) == ("CRITICAL", "nobody was told")


@pytest.mark.parametrize(
    ("args", "says"),
    [(["--verbose"], "--verbose"), (["--log", "xml"], "'xml'"), (["sleep", "5"], "sleep")],
)
def test_an_option_that_is_none_is_said(kernels: Kernels, args: list[str], says: str) -> None:
    process = kernels.popen(kernels.environ(kernels.directory()), *args, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    usage, *_, problem = said.decode().splitlines()
    assert usage == "usage: polykernel_runner [-h] [--debug] [--log {text,json}]"
    assert says in problem


def test_a_form_that_is_none_is_said(kernels: Kernels) -> None:
    env = kernels.environ(kernels.directory(), POLYKERNEL_LOG="xml", POLYKERNEL_AUTH="none")
    process = kernels.popen(env, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 78
    assert said == b"polykernel: POLYKERNEL_LOG=xml is not known; it may be text or json\n"
