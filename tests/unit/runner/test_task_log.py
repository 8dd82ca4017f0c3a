"""What batch steps print is also in a file, where Backend.AI's users look for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.task_log import _Tee
from support.kernels import USER
from support.programs import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from support.kernels import Kernel, Kernels

NAME = {"BACKENDAI_KERNEL_ID": "01234567-89ab-cdef-0123-456789abcdef"}
FILE = ".logs/task/01/23/456789abcdef0123456789abcdef.log"


def make_logs(work: Path) -> None:
    (work / ".logs").mkdir()
    if os.geteuid() == 0:
        os.chown(work / ".logs", USER, USER)


def do_steps(kernel: Kernel) -> None:
    for number in (1, 2):
        kernel.send(b"clean", b"echo clean %d" % number)
        kernel.send(b"build", b"echo build %d >&2" % number)
        assert kernel.do(b"exec", b"echo exec %d; exit 3" % number)[0].exit_code == 3


def test_steps_are_written_one_after_the_other_as_the_user(kernels: Kernels) -> None:
    kernel = kernels.start(env=NAME, prepare=make_logs)
    do_steps(kernel)
    kernel.do(b"code", b"echo a query")
    ending, stdout, _ = kernel.do(b"exec", f"stat -c %u:%g {FILE}; id -u".encode())
    owner, uid = stdout.decode().split()
    assert (ending.exit_code, owner) == (0, f"{uid}:{uid}")
    assert (kernel.work / FILE).read_text() == (
        "clean 1\nbuild 1\nexec 1\nclean 2\nbuild 2\nexec 2\n" + stdout.decode()
    )
    assert kernel.logged() == []


def test_what_is_printed_is_written_whole(kernels: Kernels) -> None:
    kernel = kernels.start(env=NAME, prepare=make_logs)
    kernel.do(b"exec", b"head -c 3000000 /dev/urandom")
    sent = b"".join(frames[1] for frames in kernel.seen if frames[0] == b"stdout")
    assert len(sent) == 3_000_000
    assert (kernel.work / FILE).read_bytes() == sent


@pytest.mark.parametrize("lacks", ["directory", "name"])
def test_nothing_is_written_where_nobody_asks_for_it(kernels: Kernels, lacks: str) -> None:
    kernel = kernels.start(env=NAME) if lacks == "directory" else kernels.start(prepare=make_logs)
    do_steps(kernel)
    assert not (kernel.work / ".logs/task").exists()
    assert kernel.logged() == []


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_place_where_nothing_can_be_written_is_said_once(kernels: Kernels, kind: str) -> None:
    def block(work: Path) -> None:
        make_logs(work)
        if kind == "file":
            (work / ".logs/task").touch()
        else:
            (work / FILE).parent.mkdir(parents=True)
            os.mkfifo(work / FILE)

    kernel = kernels.start(env=NAME, prepare=block)
    do_steps(kernel)
    said = [frames[1] for frames in kernel.seen if frames[0] == b"stdout"]
    assert said == [b"clean 1\n", b"exec 1\n", b"clean 2\n", b"exec 2\n"]
    (line,) = kernel.logged()
    assert line.startswith("WARNING the log of batch steps cannot be written: ")


async def test_a_full_disk_does_not_stop_the_output() -> None:
    heard = Heard()
    complaints: list[OSError] = []
    fd = os.open("/dev/full", os.O_WRONLY)
    try:
        tee = _Tee(heard, fd, complaints.append)
        await tee.output("stdout", b"one")
        await tee.output("stderr", b"two")
        await tee.waiting()
    finally:
        os.close(fd)
    assert [kind for kind, _ in heard.events] == ["stdout", "stderr", "waiting"]
    assert len(complaints) == 1


def test_a_program_of_a_batch_run_is_told_that_it_is_one(kernels: Kernels) -> None:
    kernel = kernels.start()
    show = "echo ${_BACKEND_BATCH_MODE:-none}"
    assert kernel.do(b"exec", show.encode())[1] == b"1\n"
    assert kernel.run(files={"main.sh": show}, stdin="")[1] == b"1\n"
    assert kernel.do(b"code", show.encode())[1] == b"none\n"
    assert kernel.run(build=False, exec=show, env={"_BACKEND_BATCH_MODE": "0"})[1] == b"0\n"
    kernel.send(b"build", show.encode())
    assert kernel.until(b"stdout")[1] == b"none\n"
