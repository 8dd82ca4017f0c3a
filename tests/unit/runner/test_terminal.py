"""The terminal behind its two sockets, and defect 33 in all its parts."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.programs import PATIENCE, processes

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels


@pytest.fixture
def kernel(kernels: Kernels) -> Kernel:
    kernel = kernels.start()
    kernel.send(b"status", b"")
    kernel.until(b"status")
    return kernel


def drawn_until(kernel: Kernel, text: bytes) -> bytes:
    """What the terminal draws, up to a text; fails when that does not come."""
    drawn = b""
    deadline = time.monotonic() + PATIENCE
    while text not in drawn:
        assert kernel.screen.poll(int((deadline - time.monotonic()) * 1000)), drawn
        drawn += kernel.screen.recv()
    return drawn


def begin(kernel: Kernel) -> None:
    """Be sure to miss nothing that is drawn, and have a shell."""
    assert kernel.screen.poll(int(PATIENCE * 1000)), "nobody greets who looks on"
    assert kernel.screen.recv() == b""
    kernel.keys.recv()  # the kernel's subscription
    kernel.keys.send(b"echo be''gun\n")
    drawn_until(kernel, b"begun\r\n")


def test_what_is_typed_is_run_and_drawn(kernel: Kernel) -> None:
    begin(kernel)
    kernel.keys.send(b"expr 6 '*' 7; tty; pwd\n")
    drawn = drawn_until(kernel, str(kernel.work).encode())
    assert b"42\r\n/dev/pts/" in drawn


def test_control_c_interrupts_what_runs_in_the_terminal(kernel: Kernel) -> None:
    begin(kernel)
    kernel.keys.send(b"sh -c 'echo up; exec sleep 4711.33'\n")
    drawn_until(kernel, b"up\r\n")
    kernel.keys.send(b"\x03")
    kernel.keys.send(b"echo still he''re\n")
    drawn_until(kernel, b"still here\r\n")
    assert not processes(marked="4711.33")


def test_defect_33_the_terminal_starts_again_after_its_shell_has_ended(kernel: Kernel) -> None:
    begin(kernel)
    kernel.keys.send(b"cd /; exit\n")
    drawn_until(kernel, b"any key starts another]\r\n")
    kernel.keys.send(b"pwd\n")
    drawn_until(kernel, b"\r" + str(kernel.work).encode())


def test_what_a_shell_leaves_behind_is_ended_with_it(kernel: Kernel) -> None:
    begin(kernel)
    kernel.keys.send(b"sleep 4711.34 & disown; exit\n")
    drawn_until(kernel, b"any key starts another]\r\n")
    assert not processes(marked="4711.34")


def test_defect_33_the_size_is_the_one_that_was_sent(kernel: Kernel) -> None:
    kernel.send(b"resize", b'{"rows": 30, "cols": 100}')
    begin(kernel)
    kernel.keys.send(b"stty size; echo o''k\n")
    assert b"30 100\r\nok\r\n" in drawn_until(kernel, b"ok\r\n")
    done, stdout, _ = kernel.do(b"code", b"%resize 41 132")
    assert (done.exit_code, stdout) == (0, b"OK; terminal resized to 41 lines and 132 columns")
    kernel.keys.send(b"stty size; echo se''en\n")
    assert b"41 132\r\n" in drawn_until(kernel, b"seen\r\n")


@pytest.mark.parametrize("code", [b"%resize", b"%resize 0 80", b"%resize a b", b"%ping pong"])
def test_defect_33_a_bad_command_is_answered_and_harms_nothing(kernel: Kernel, code: bytes) -> None:
    done, stdout, stderr = kernel.do(b"code", code)
    assert (done.exit_code, done.verdict, stdout) == (2, "error", b"")
    assert b"usage: %ping or %resize ROWS COLS" in stderr
    done, stdout, _ = kernel.do(b"code", b"%ping")
    assert (done.exit_code, stdout) == (0, b"pong!")


def test_defect_33_a_command_is_answered_once(kernel: Kernel) -> None:
    for _ in range(3):
        kernel.do(b"code", b"%ping")
    kernel.send(b"status", b"")
    kernel.until(b"status")
    assert [frames[0] for frames in kernel.seen].count(b"finished") == 3


def test_all_that_is_drawn_arrives_also_at_a_slow_reader(kernel: Kernel) -> None:
    begin(kernel)
    kernel.keys.send(b"seq 400000; echo do''ne\n")
    assert kernel.silent()  # meanwhile nobody reads what is drawn
    drawn = drawn_until(kernel, b"done\r\n")
    numbers = [int(line) for line in re.findall(rb"\d+(?=\r\n)", drawn)]
    assert numbers == [*range(1, 400_001)]


def test_the_terminal_and_a_run_do_not_wait_for_each_other(kernel: Kernel) -> None:
    begin(kernel)
    kernel.send(b"exec", b"echo up; read line; echo got $line")
    kernel.until(b"stdout")
    kernel.keys.send(b"echo mean''while\n")
    drawn_until(kernel, b"meanwhile\r\n")
    kernel.send(b"input", b"it")
    assert kernel.until(b"stdout")[1] == b"got it\n"


def test_the_shell_ends_with_the_kernel(kernel: Kernel) -> None:
    begin(kernel)
    kernel.keys.send(b"sh -c 'echo up; sleep 4711.35'\n")
    drawn_until(kernel, b"up\r\n")
    kernel.process.terminate()
    assert kernel.wait() == 0
    assert not processes(marked="4711.35")


def test_defect_34_the_runners_own_directory_never_changes(kernel: Kernel) -> None:
    runner = Path(f"/proc/{kernel.process.pid}/cwd")
    before = runner.readlink()
    begin(kernel)
    kernel.keys.send(b"cd / && echo mo''ved\n")
    drawn_until(kernel, b"moved\r\n")
    assert kernel.do(b"exec", b"cd /tmp && pwd")[1] == b"/tmp\n"
    assert kernel.do(b"exec", b"pwd")[1] == f"{kernel.work}\n".encode()
    assert runner.readlink() == before
