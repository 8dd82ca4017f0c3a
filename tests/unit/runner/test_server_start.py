"""A runner's start and its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import Status
from support.programs import children, processes
from support.users import as_root

if TYPE_CHECKING:
    from support.kernels import Kernels

# Seconds that a kernel may take to end, run or no run.
END_TIME = 2.0


def test_not_started_where_nobody_could_speak_to_it(kernels: Kernels) -> None:
    env = kernels.environ(kernels.directory())
    process = kernels.popen(env, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 78
    assert said.startswith(b"polykernel: nobody was told how to reach this kernel; choose one: ")
    assert said.count(b"\n") == 1


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("language.py", "nam = 'x'", b"assigns 'nam'"),
    ],
)
def test_not_started_as_it_was_set_up(kernels: Kernels, name: str, text: str, says: bytes) -> None:
    home = kernels.directory()
    env = kernels.environ(home, POLYKERNEL_AUTH="none")
    (home / name).write_text(text)
    process = kernels.popen(env, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 78
    assert says in said


def test_a_port_that_is_taken_is_named(kernels: Kernels) -> None:
    first = kernels.start(tcp=True)
    first.send(b"status", b"")
    first.until(b"status")
    home = kernels.directory()
    env = kernels.environ(home, POLYKERNEL_AUTH="none")
    ports = (first.work.parent / "config/intrinsic-ports.json").read_text()
    (home / "config/intrinsic-ports.json").write_text(ports)
    process = kernels.popen(env, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 78
    assert b"Address already in use" in said


@pytest.mark.parametrize("tcp", [True, pytest.param(False, marks=as_root)])
def test_status_is_answered_from_the_first_moment_on(kernels: Kernels, *, tcp: bool) -> None:
    before = time.time()
    kernel = kernels.start(tcp=tcp)
    kernel.send(b"status", b"", b"me")
    frames = kernel.frames()
    assert (frames[0], frames[2:]) == (b"status", [b"me"])
    kernel.send(b"status", b"")
    status = kernel.record()
    assert isinstance(status, Status)
    assert before - 1 <= status.started_at <= time.time() + 1
    assert (status.ready, status.running, status.queued) == (True, False, 0)


@as_root
def test_sockets_are_for_the_owner_of_their_directory_alone(kernels: Kernels) -> None:
    umask = os.umask(0)
    try:
        kernel = kernels.start()
    finally:
        os.umask(umask)
    kernel.send(b"status", b"")
    kernel.until(b"status")
    for name in ("in", "out"):
        about = (kernel.work.parent / "run" / name).stat()
        assert about.st_mode & 0o077 == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_kernel_ends_at_once(kernels: Kernels, number: signal.Signals) -> None:
    kernel = kernels.start()
    kernel.send(b"status", b"")
    kernel.until(b"status")
    began = time.monotonic()
    kernel.process.send_signal(number)
    assert kernel.wait() == 0
    assert time.monotonic() - began < END_TIME


def test_defect_01_sigterm_in_the_middle_of_a_run_is_said(kernels: Kernels) -> None:
    kernel = kernels.start()
    kernel.send(b"exec", b"trap '' TERM INT; setsid sleep 4714.01 & echo up; sleep 4714.01")
    kernel.until(b"stdout")
    began = time.monotonic()
    kernel.process.terminate()
    ending = kernel.ending()
    assert (ending.exit_code, ending.verdict) == (137, "interrupted")
    assert ending.reason == "the kernel was shut down"
    assert kernel.wait() == 0
    assert time.monotonic() - began < END_TIME
    assert not processes(marked="4714.01")


def test_what_is_queued_when_it_ends_is_answered_too(kernels: Kernels) -> None:
    kernel = kernels.start()
    for run_id in (b"1", b"2", b"3"):
        kernel.send(b"exec", b"echo up; sleep 4714.02", run_id)
    kernel.until(b"stdout")
    kernel.process.terminate()
    assert [kernel.ending().verdict for _ in range(3)] == ["interrupted"] * 3
    assert [frames[2] for frames in kernel.seen if frames[0] == b"finished"] == [b"1", b"2", b"3"]
    assert kernel.wait() == 0


def test_it_ends_although_nobody_takes_what_it_says(kernels: Kernels) -> None:
    kernel = kernels.start()
    kernel.send(b"exec", b"echo up; exec yes")
    kernel.until(b"stdout")
    began = time.monotonic()
    kernel.process.terminate()
    kernel.wait()
    assert time.monotonic() - began < END_TIME + 1.5  # what it says may linger for a second
    assert not children()


def test_killed_it_leaves_no_program_behind(kernels: Kernels) -> None:
    kernel = kernels.start()
    kernel.send(b"exec", b"setsid sleep 4714.03 & echo up; sleep 4714.03")
    kernel.until(b"stdout")
    kernel.process.kill()
    kernel.wait()
    deadline = time.monotonic() + 30
    while processes(marked="4714.03"):
        assert time.monotonic() < deadline, "its programs live on"


def test_private_directories_go_with_it(kernels: Kernels) -> None:
    kernel = kernels.start()
    place = kernel.work.with_name("tmp")
    kernel.do(b"code", b"true")
    assert list(place.iterdir())
    kernel.process.terminate()
    assert kernel.wait() == 0
    assert not list(place.iterdir())


@pytest.mark.parametrize("busy", [False, True])
def test_a_tether_that_ends_ends_it(kernels: Kernels, *, busy: bool) -> None:
    kernel = kernels.start(env={"POLYKERNEL_TETHER": "stdin"}, stdin=subprocess.PIPE)
    kernel.send(b"exec", b"echo up; sleep 4714.04" if busy else b"echo up")
    kernel.until(b"stdout" if busy else b"finished")
    assert kernel.process.stdin is not None
    kernel.process.stdin.write(b"what is written to it is no matter")
    kernel.process.stdin.close()
    assert kernel.wait() == 0
    assert not processes(marked="4714.04")


@pytest.mark.parametrize("stdin", ["/dev/null", "/proc/self/exe"])
def test_a_tether_to_nothing_is_said(kernels: Kernels, stdin: str) -> None:
    with open(stdin) as file:  # noqa: PTH123
        env = {"POLYKERNEL_TETHER": "stdin"}
        kernel = kernels.start(env=env, stdin=file, stderr=subprocess.PIPE)
    assert kernel.wait() == 78
    assert kernel.process.stderr is not None
    said = kernel.process.stderr.read()
    assert said.startswith(b"polykernel: POLYKERNEL_TETHER=stdin needs a pipe")


def test_without_a_tether_it_stays(kernels: Kernels) -> None:
    kernel = kernels.start(stdin=subprocess.DEVNULL)
    assert kernel.do(b"exec", b"echo here")[1] == b"here\n"


def test_the_user_s_dotfiles_are_there_before_anything_runs(kernels: Kernels) -> None:
    entries = [
        {"path": ".config/tool/rc", "data": "grün\n", "perm": "600"},
        {"path": "../outside", "data": "never", "perm": "600"},
        {"path": "bad"},
    ]
    kernel = kernels.start(config={"dotfiles.json": json.dumps(entries)})
    show = "cd .config/tool; stat -c %a:%u . rc; cat rc; id -u"
    ending, stdout, _ = kernel.do(b"exec", show.encode())
    uid = stdout.split()[-1].decode()
    assert stdout.decode() == f"755:{uid}\n600:{uid}\ngrün\n{uid}\n"
    assert ending.exit_code == 0
    said = "\n".join(kernel.logged())
    assert "entry 3 is left out" in said
    assert "WARNING the dotfile '../outside' is left out" in said
    assert not kernel.work.with_name("outside").exists()
