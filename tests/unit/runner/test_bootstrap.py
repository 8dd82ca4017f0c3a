"""The user's bootstrap.sh: run before the first run, and never in a kernel's way for good."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import Status, decode_record
from support.programs import PATIENCE, eventually, processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.kernels import Kernel, Kernels

# A bootstrap that goes on when the file `go` is there, for which nothing but a file can ask.
GATE = "while [ ! -e go ]; do sleep .01; done\n"


def status(kernel: Kernel) -> Status:
    kernel.send(b"status", b"")
    record = decode_record(kernel.until(b"status"))
    assert isinstance(record, Status)
    return record


def taken(kernel: Kernel) -> Status:
    """The status once the first of the runs that were asked for has its turn."""
    deadline = time.monotonic() + PATIENCE
    while not (found := status(kernel)).running:
        assert time.monotonic() < deadline, "no run has its turn"
    return found


def open_gate(kernel: Kernel) -> None:
    (kernel.work / "go").touch()


def test_it_is_run_by_the_user_before_the_first_run(kernels: Kernels) -> None:
    script = "id -u >who; pwd >where; echo out; printf unfinished >&2; echo ${HOME##*/}\n"
    kernel = kernels.start(work={"bootstrap.sh": script}, env={"COLOUR": "red"})
    ending, stdout, stderr = kernel.do(b"exec", b"cat who where; id -u")
    uid, where, again = stdout.decode().split()
    assert (uid, where, stderr, ending.exit_code) == (again, str(kernel.work), b"", 0)
    assert sorted(kernel.logged()) == [
        "INFO bootstrap.sh: out",
        "INFO bootstrap.sh: unfinished",
        "INFO bootstrap.sh: work",
    ]


def test_what_names_its_interpreter_is_run_by_it(kernels: Kernels) -> None:
    script = "#!/usr/bin/env python3\nimport sys\nprint('by', sys.implementation.name)\n"
    kernel = kernels.start(
        work={"bootstrap.sh": script}, prepare=lambda work: (work / "bootstrap.sh").chmod(0o755)
    )
    kernel.do(b"exec", b"true")
    assert kernel.logged() == ["INFO bootstrap.sh: by cpython"]


def test_what_cannot_be_executed_is_left_to_the_shell(kernels: Kernels) -> None:
    kernel = kernels.start(work={"bootstrap.sh": "#!/no/such/interpreter\necho by sh\n"})
    kernel.do(b"exec", b"true")
    assert kernel.logged() == ["INFO bootstrap.sh: by sh"]


def test_defect_14_status_is_answered_while_it_runs(kernels: Kernels) -> None:
    kernel = kernels.start(work={"bootstrap.sh": GATE})
    before = status(kernel)
    kernel.send(b"exec", b"echo one", b"1")
    kernel.send(b"exec", b"echo two", b"2")
    during = taken(kernel)
    assert not [frames for frames in kernel.seen if frames[0] == b"stdout"]
    open_gate(kernel)
    assert [kernel.until(b"stdout")[1:] for _ in range(2)] == [[b"one\n", b"1"], [b"two\n", b"2"]]
    assert kernel.ending().exit_code == 0
    after = status(kernel)
    assert (before.ready, before.running, before.queued) == (False, False, 0)
    assert (during.ready, during.running, during.queued) == (False, True, 1)
    assert (after.ready, after.running, after.queued) == (True, False, 0)


def test_defect_14_an_endless_one_is_ended_and_the_kernel_serves(kernels: Kernels) -> None:
    script = "setsid sleep 4718.01 &\n(trap '' TERM INT; sleep 4718.01)\n"
    env = {"POLYKERNEL_BOOTSTRAP_TIME": "0.5"}
    kernel = kernels.start(work={"bootstrap.sh": script}, env=env)
    assert kernel.do(b"exec", b"echo here")[1] == b"here\n"
    assert kernel.logged() == ["WARNING bootstrap.sh was killed: it had not ended after 0.5 s"]
    assert not processes(marked="4718.01")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo so far; exit 3", "WARNING bootstrap.sh failed with exit code 3"),
        ("echo so far; kill -TERM $$", "WARNING bootstrap.sh was ended by signal 15"),
        ("echo so far\nif", "WARNING bootstrap.sh failed with exit code 2"),
    ],
)
def test_one_that_fails_is_told_and_the_kernel_serves(
    kernels: Kernels, script: str, says: str
) -> None:
    kernel = kernels.start(work={"bootstrap.sh": script})
    assert kernel.do(b"exec", b"echo here")[1] == b"here\n"
    said = kernel.logged()
    assert "INFO bootstrap.sh: so far" in said  # a shell's complaint may be read before
    assert said[-1] == says


async def test_what_it_leaves_in_the_background_lives_as_long_as_the_kernel(
    kernels: Kernels,
) -> None:
    script = "setsid sh -c 'sleep 4718.02; :' </dev/null >/dev/null 2>&1 &\nsleep 4718.02 &\n"
    kernel = kernels.start(work={"bootstrap.sh": script})
    await eventually(lambda: len(processes(marked="4718.02")) == 3, "all are there")
    there = processes(marked="4718.02")
    for _ in range(2):
        kernel.do(b"exec", b"sleep 0.1 & echo one run")
    assert processes(marked="4718.02") == there
    kernel.process.terminate()
    assert kernel.wait() == 0
    assert not processes(marked="4718.02")


async def test_what_a_daemon_of_it_says_is_logged(kernels: Kernels) -> None:
    script = f"({GATE} echo from behind) &\necho up\n"
    kernel = kernels.start(work={"bootstrap.sh": script})
    kernel.do(b"exec", b"true")
    open_gate(kernel)
    assert kernel.until(b"log")[1] == b"INFO bootstrap.sh: from behind"
    await eventually(lambda: not processes(marked="sleep .01"), "the daemon has ended")
    assert kernel.do(b"exec", b"echo here")[1] == b"here\n"


def test_what_it_prints_without_end_is_cut(kernels: Kernels) -> None:
    script = "head -c 3000000 /dev/zero | tr '\\0' x; yes | head -n 1000000\n"
    kernel = kernels.start(work={"bootstrap.sh": script})
    assert kernel.do(b"exec", b"echo here")[1] == b"here\n"
    told = kernel.logged()
    assert told[-1] == "WARNING bootstrap.sh prints on; no more of it is logged"
    assert len(told) == 1000
    assert len(told[0]) < 2100


def test_a_run_that_waits_for_it_can_be_interrupted(kernels: Kernels) -> None:
    kernel = kernels.start(work={"bootstrap.sh": GATE})
    kernel.send(b"exec", b"echo one", b"1")
    kernel.send(b"exec", b"echo two", b"2")
    assert taken(kernel).queued == 1
    kernel.send(b"interrupt", b"")
    first = kernel.ending()
    assert (first.verdict, first.exit_code) == ("interrupted", 130)
    assert not status(kernel).ready
    kernel.send(b"cancel", b"2")
    second = kernel.ending()
    assert (second.verdict, second.exit_code) == ("interrupted", 130)
    open_gate(kernel)
    assert kernel.do(b"exec", b"echo three")[1] == b"three\n"
    assert not [frames for frames in kernel.seen if frames[1] in {b"one\n", b"two\n"}]


def test_what_was_typed_meanwhile_is_there(kernels: Kernels) -> None:
    kernel = kernels.start(work={"bootstrap.sh": GATE})
    kernel.send(b"exec", b"read a; cat; echo $a")
    kernel.send(b"input", b"Ada")
    kernel.send(b"input-eof", b"")
    taken(kernel)
    open_gate(kernel)
    assert kernel.until(b"stdout")[1] == b"Ada\n"


def test_defect_14_told_to_end_meanwhile_it_ends(kernels: Kernels) -> None:
    kernel = kernels.start(work={"bootstrap.sh": "trap '' TERM INT; echo up; sleep 4718.03; :\n"})
    assert kernel.until(b"log")[1] == b"INFO bootstrap.sh: up"
    kernel.send(b"exec", b"echo one")
    kernel.send(b"exec", b"echo two")
    assert taken(kernel).queued == 1
    began = time.monotonic()
    kernel.process.send_signal(signal.SIGTERM)
    endings = [kernel.ending() for _ in range(2)]
    assert kernel.wait() == 0
    assert time.monotonic() - began < 2
    assert [ending.verdict for ending in endings] == ["interrupted", "interrupted"]
    assert not processes(marked="4718.03")


@pytest.mark.parametrize(
    "make",
    [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")],
    ids=["directory", "pipe", "dangling"],
)
def test_what_is_no_file_is_no_bootstrap(kernels: Kernels, make: Callable[[Path], object]) -> None:
    kernel = kernels.start(prepare=lambda work: make(work / "bootstrap.sh"))
    assert kernel.do(b"exec", b"echo here")[1] == b"here\n"
    assert not kernel.logged()
