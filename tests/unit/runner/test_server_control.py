"""Interrupt, cancel, and typing, while runs wait and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.programs import processes

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels


@pytest.fixture(scope="module")
def shared(launcher_kernels: Kernels) -> Kernel:
    return launcher_kernels.start()


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    """One kernel for all; what an earlier test's build came to is no matter."""
    shared.send(b"build", b"")
    shared.until(b"build-finished")
    shared.seen.clear()
    return shared


def test_interrupt_ends_the_run_and_keeps_the_kernel(kernel: Kernel) -> None:
    kernel.send(b"exec", b"sh -c 'echo up; exec sleep 4716.01'; echo never")
    kernel.until(b"stdout")
    kernel.send(b"interrupt", b"")
    ending = kernel.ending()
    assert (ending.exit_code, ending.verdict, ending.signal) == (130, "interrupted", "SIGINT")
    assert not processes(marked="4716.01")
    assert kernel.do(b"exec", b"echo next")[1] == b"next\n"


def test_interrupt_concerns_nobody_who_waits(kernel: Kernel) -> None:
    kernel.send(b"exec", b"sh -c 'echo up; exec sleep 4716.02'", b"1")
    kernel.send(b"exec", b"echo second", b"2")
    kernel.until(b"stdout")
    kernel.send(b"interrupt", b"")
    assert kernel.ending().verdict == "interrupted"
    assert kernel.until(b"stdout") == [b"stdout", b"second\n", b"2"]
    assert kernel.ending().verdict == "ok"


def test_interrupt_right_behind_a_run_reaches_it(kernel: Kernel) -> None:
    for number in range(20):
        kernel.send(b"exec", f"sleep 4716.{number + 20}".encode())
        kernel.send(b"interrupt", b"")
        assert kernel.ending().verdict == "interrupted"
    assert kernel.do(b"exec", b"echo next")[1] == b"next\n"


def test_interrupt_with_nothing_to_interrupt_is_nothing(kernel: Kernel) -> None:
    kernel.send(b"interrupt", b"")
    assert kernel.do(b"exec", b"echo on")[1] == b"on\n"


def test_cancel_the_run_that_runs(kernel: Kernel) -> None:
    kernel.send(b"exec", b"sh -c 'echo up; exec sleep 4716.03'", b"it")
    kernel.until(b"stdout")
    kernel.send(b"cancel", b"it")
    assert kernel.ending().verdict == "interrupted"
    assert kernel.seen[-1][2] == b"it"


def test_cancel_a_run_that_waits(kernel: Kernel) -> None:
    kernel.send(b"exec", b"echo up; read x; echo $x", b"1")
    kernel.send(b"exec", b"echo two", b"2")
    kernel.send(b"exec", b"echo three", b"3")
    kernel.until(b"waiting-input")
    kernel.send(b"cancel", b"2")
    kernel.send(b"input", b"on", b"1")
    endings = [kernel.ending() for _ in range(3)]
    assert [ending.verdict for ending in endings] == ["ok", "interrupted", "ok"]
    assert endings[1].exit_code == 130
    ids = [frames[2] for frames in kernel.seen if frames[0] == b"finished"]
    assert ids == [b"1", b"2", b"3"]
    assert not any(frames[1] == b"two\n" for frames in kernel.seen)


def test_a_job_that_is_cancelled_while_it_builds_is_interrupted(kernel: Kernel) -> None:
    kernel.send(b"run", b'{"build": "echo up; exec sleep 4716.04", "exec": "echo never"}', b"job")
    kernel.until(b"stdout")
    kernel.send(b"cancel", b"job")
    assert [kernel.ending().verdict for _ in range(2)] == ["interrupted", "interrupted"]
    assert [frames[0] for frames in kernel.seen if frames[0] != b"stdout"] == [
        b"build-finished",
        b"finished",
    ]


def test_input_answers_the_one_who_waits(kernel: Kernel) -> None:
    kernel.send(b"exec", b"read a; read b; echo $a $b")
    for line in (b"Ada", b"Lin\n"):
        assert kernel.until(b"waiting-input") == [b"waiting-input", b'{"is_password":false}']
        kernel.send(b"input", line)
    assert kernel.until(b"stdout")[1] == b"Ada Lin\n"
    assert kernel.ending().exit_code == 0


def test_input_eof_ends_the_input(kernel: Kernel) -> None:
    kernel.send(b"exec", b"cat; echo end")
    kernel.until(b"waiting-input")
    kernel.send(b"input", b"one")
    kernel.send(b"input-eof", b"")
    kernel.until(b"finished")
    assert b"".join(f[1] for f in kernel.seen if f[0] == b"stdout") == b"one\nend\n"


def test_defect_10_what_was_typed_ahead_is_gone_with_the_run(kernel: Kernel) -> None:
    kernel.send(b"exec", b"sh -c 'echo up; exec sleep 4716.05'")
    kernel.until(b"stdout")
    kernel.send(b"input", b"stale")
    kernel.send(b"interrupt", b"")
    kernel.until(b"finished")
    kernel.send(b"exec", b"read x; echo got $x")
    kernel.until(b"waiting-input")
    kernel.send(b"input", b"fresh")
    assert kernel.until(b"stdout")[1] == b"got fresh\n"
    kernel.until(b"finished")


def test_a_live_program_knows_that_it_is_live(kernel: Kernel) -> None:
    script = "echo ${TOY_LIVE:-given}"
    assert kernel.run(files={"main.sh": script})[1] == b"1\n"
    assert kernel.run(files={"main.sh": script}, stdin="")[1] == b"given\n"


def test_the_program_waits_while_nobody_takes_its_output(kernels: Kernels) -> None:
    kernel = kernels.start(tcp=True)
    kernel.records.close(linger=0)
    kernel.send(b"exec", b"exec yes")
    kernel.send(b"exec", b"true")
    peak = memory(kernel.process.pid)
    for _ in range(20):
        kernel.send(b"status", b"")
        kernel.process.poll()
    assert memory(kernel.process.pid) < peak + 60_000_000


def memory(pid: int) -> int:
    """Resident bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096
