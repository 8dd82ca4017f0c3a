"""Runs, as a client sees them: steps, queries, jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.kernels import USER
from support.users import as_root

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels


@pytest.fixture(scope="module")
def shared(launcher_kernels: Kernels) -> Kernel:
    return launcher_kernels.start()


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    """One kernel for all: no test may leave it unable to do the next."""
    shared.run(files={"nothing": ""}, build="", exec="")
    shared.seen.clear()
    return shared


def test_a_shell_command(kernel: Kernel) -> None:
    ending, stdout, stderr = kernel.do(b"exec", b"echo out; echo err >&2; exit 3")
    assert (ending.exit_code, ending.verdict, ending.state) == (3, "error", "none")
    assert (stdout, stderr) == (b"out\n", b"err\n")


def test_a_program_may_open_its_streams_by_their_names(kernel: Kernel) -> None:
    command = "read x < /dev/stdin; echo $x > /dev/stdout; echo err > /dev/stderr"
    ending, stdout, stderr = kernel.run(build="", exec=command, stdin="in\n")
    assert (ending.exit_code, stdout, stderr) == (0, b"in\n", b"err\n")


@pytest.mark.parametrize("step", [b"clean", b"build", b"exec"])
def test_an_empty_step_is_skipped_with_0(kernel: Kernel, step: bytes) -> None:
    kernel.send(step, b"")
    ending = kernel.ending()
    assert (ending.step, ending.exit_code, ending.verdict) == (step.decode(), 0, "skipped")


def test_a_failed_build_leaves_nothing_to_run(kernel: Kernel) -> None:
    kernel.send(b"build", b"echo broken >&2; exit 2")
    assert kernel.ending().exit_code == 2
    ending, stdout, stderr = kernel.do(b"exec", b"echo ran all the same")
    assert (ending.exit_code, ending.verdict) == (127, "skipped")
    assert (stdout, stderr) == (b"", b"the build failed, so there is nothing to run\n")
    kernel.send(b"build", b"true")
    assert kernel.ending().exit_code == 0
    assert kernel.do(b"exec", b"echo again")[1] == b"again\n"


def test_a_build_that_a_signal_ended_has_failed_too(kernel: Kernel) -> None:
    ending, _, _ = kernel.run(build="kill -9 $$", exec="echo ran")
    assert (ending.exit_code, ending.verdict) == (127, "skipped")


def test_a_job_builds_and_runs(kernel: Kernel) -> None:
    files = {
        "main.sh": "cat built; echo $1 $COLOUR; cat",
        "build.sh": "echo making; echo made >built",
    }
    ending, stdout, _ = kernel.run(
        files=files, args=["it is"], env={"COLOUR": "green"}, stdin="given"
    )
    assert (ending.exit_code, ending.verdict) == (0, "ok")
    assert stdout == b"making\nmade\nit is green\ngiven"
    kinds = [frames[0] for frames in kernel.seen if frames[0].endswith(b"finished")]
    assert kinds == [b"build-finished", b"finished"]


def test_built_once_run_many_times(kernel: Kernel) -> None:
    files = {"main.sh": "cat built; echo $1", "build.sh": "echo made >>built"}
    kernel.do(b"exec", b"rm -f built")
    for number in range(3):
        job = {"files": files} if number == 0 else {"build": False}
        _, stdout, _ = kernel.run(**job, args=[str(number)])
        assert stdout == f"made\n{number}\n".encode()
    kernel.do(b"exec", b"rm built")


def test_a_build_that_fails_ends_the_job(kernel: Kernel) -> None:
    files = {"main.sh": "echo ran", "build.sh": "echo line 3: oops >&2; exit 1"}
    ending, stdout, stderr = kernel.run(files=files)
    assert (ending.exit_code, ending.verdict) == (127, "skipped")
    assert stdout == b""
    assert stderr.startswith(b"line 3: oops\n")


def test_nothing_to_run_is_refused_with_the_reason(kernel: Kernel) -> None:
    ending, _, stderr = kernel.do(b"exec", b"*")
    assert (ending.exit_code, ending.verdict) == (127, "refused")
    assert stderr == b"nothing to run: the work directory has none of main.sh, *.sh\n"
    assert ending.reason == stderr.decode().strip()


def test_a_file_that_cannot_be_written_refuses_the_job(kernel: Kernel) -> None:
    ending, _, stderr = kernel.run(files={"a": "", "a/b": ""})
    assert (ending.exit_code, ending.verdict) == (127, "refused")
    assert b"file 'a/b' cannot be written" in stderr


def test_arguments_beyond_all_bounds_are_refused(kernel: Kernel) -> None:
    ending, _, stderr = kernel.run(files={"main.sh": ""}, args=["x" * 3_000_000])
    assert (ending.exit_code, ending.verdict) == (127, "refused")
    assert b"too long" in stderr


def test_defect_35_a_query_leaves_the_user_s_own_files_alone(kernel: Kernel) -> None:
    kernel.do(b"exec", b"echo mine >main; echo mine >query.sh")
    ending, stdout, _ = kernel.do(b"code", b"pwd; echo hello; exit 4")
    assert (ending.exit_code, stdout.splitlines()[-1]) == (4, b"hello")
    assert kernel.do(b"exec", b"cat main query.sh; rm main query.sh")[1] == b"mine\nmine\n"


def test_a_query_may_have_files_and_arguments(kernel: Kernel) -> None:
    _, stdout, _ = kernel.run(code="cat data; echo $1", files={"data": "1\n"}, args=["two"])
    assert stdout == b"1\ntwo\n"


def test_reset_is_answered_though_there_is_no_state(kernel: Kernel) -> None:
    ending, _, _ = kernel.do(b"reset", b"")
    assert (ending.exit_code, ending.verdict, ending.state) == (0, "ok", "none")


def test_limits_are_the_program_s_not_its_compiler_s(kernel: Kernel) -> None:
    files = {"main.sh": "while :; do :; done", "build.sh": "head -c 100000 /dev/zero >big"}
    ending, _, _ = kernel.run(files=files, limits={"cpuTime": 0.2, "fileSize": 1000})
    assert (ending.verdict, ending.reason) == ("time-limit", "limits.cpuTime was reached")
    assert (kernel.work / "big").stat().st_size == 100_000


def test_what_a_language_does_not_do_is_refused_once_each_with_what_to_do_instead(
    kernels: Kernels,
) -> None:
    language = kernels.directory() / "language.py"
    language.write_text('name = "bare"\n')
    bare = kernels.start(env={"POLYKERNEL_LANGUAGE": str(language)})
    asked = [(b"clean", b"*"), (b"build", b"*"), (b"exec", b"*"), (b"exec", b"*"), (b"code", b"1")]
    for frames in asked:
        bare.send(*frames)
    endings = [bare.ending() for _ in asked]

    assert [ending.verdict for ending in endings] == ["skipped", *["refused"] * 4]
    assert [ending.exit_code for ending in endings] == [0, *[127] * 4]
    reasons = [(ending.reason or "").partition(":")[0] for ending in endings[1:]]
    assert reasons == [*["bare runs no programs in batch"] * 3, "bare answers no queries"]
    assert all("start-service" in (ending.reason or "") for ending in endings[1:])
    ending, stdout, _ = bare.do(b"exec", b"echo alive")
    assert (ending.verdict, stdout) == ("ok", b"alive\n")


def test_defect_02_a_background_child_does_not_hold_the_queue(kernel: Kernel) -> None:
    assert kernel.do(b"exec", b"sleep 4715 & echo one")[1] == b"one\n"
    assert kernel.do(b"exec", b"echo two")[1] == b"two\n"


def test_defect_08_a_runner_that_fails_says_so_and_goes_on(kernel: Kernel) -> None:
    launch = kernel.work.parent / "launch"
    launch.rename(launch.with_name("away"))
    ending, _, _ = kernel.do(b"exec", b"true")
    assert (ending.exit_code, ending.verdict) == (-1, "internal")
    assert ending.reason is not None
    assert "cannot start" in ending.reason
    launch.with_name("away").rename(launch)
    assert kernel.do(b"exec", b"true")[0].verdict == "ok"


@as_root
def test_defect_15_user_code_has_another_uid(kernel: Kernel) -> None:
    _, stdout, _ = kernel.do(b"exec", b"id -u; kill -9 -1; pkill -9 python; true")
    assert kernel.do(b"exec", b"id -u")[1] == f"{USER}\n".encode()
    assert stdout in {b"", f"{USER}\n".encode()}
    _, _, stderr = kernel.do(b"exec", b"ls ../run")
    assert b"Permission denied" in stderr


def test_large_output_comes_whole(kernel: Kernel) -> None:
    ending, stdout, _ = kernel.do(b"exec", b"head -c 50000000 /dev/zero")
    assert (len(stdout), ending.verdict) == (50_000_000, "ok")
    assert max(len(frames[1]) for frames in kernel.seen) >= 65536
