"""What one program leaves behind is not there for the next, unless that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.kernels import Kernel, Kernels

MAKE = """
echo made > made; mkdir -p deep/er closed; echo made > deep/er/file; echo made >> old/added
echo more >> mine; echo made > closed/file; chmod 000 closed; ln -s /etc/passwd link
echo made > "$TMPDIR/made"; mkfifo "$TMPDIR/pipe"
"""
LOOK = 'find . "$TMPDIR" -mindepth 1 -not -path "*polykernel-*" | sort'


@pytest.fixture
def kernel(kernels: Kernels) -> Kernel:
    def prepare(work: Path) -> None:
        (work / "old").mkdir(mode=0o777)
        (work / "old").chmod(0o777)
        (work / "mine").write_text("was here before\n")
        (work / "mine").chmod(0o666)

    return kernels.start(prepare=prepare)


def look(kernel: Kernel, **job: object) -> list[str]:
    files = {"main.sh": LOOK}
    text = kernel.run(files=files, **job)[1].decode()
    tmp = f"{kernel.work.parent}/tmp/"
    return [line.replace(tmp, "TMP/") for line in text.splitlines()]


BEFORE = ["./main.sh", "./mine", "./old"]


def test_the_next_program_finds_nothing_of_what_the_one_before_made(kernel: Kernel) -> None:
    ending, _, stderr = kernel.run(files={"main.sh": MAKE, "lib/own": "x"})
    assert (ending.verdict, stderr) == ("ok", b"")
    assert sorted(look(kernel)) == BEFORE
    # What was there before is nobody's leftover, whoever wrote to it since.
    assert (kernel.work / "mine").read_text() == "was here before\nmore\n"


def test_a_program_that_runs_again_finds_what_it_made(kernel: Kernel) -> None:
    kernel.run(files={"main.sh": "cat made; echo made > made"})
    assert kernel.run(build=False)[1] == b"made\n"
    assert kernel.run(exec="cat made")[1] == b"made\n"
    assert kernel.do(b"exec", b"cat made")[1] == b"made\n"
    assert sorted(look(kernel)) == BEFORE


def test_who_wants_them_keeps_them(kernel: Kernel) -> None:
    kernel.run(files={"main.sh": "echo made > made", "data": "given"})
    assert "./made" in look(kernel, keep=True)
    assert "./data" in look(kernel, keep=True)
    assert sorted(look(kernel)) == BEFORE


def test_who_builds_nothing_finds_what_was_built_and_no_more(kernel: Kernel) -> None:
    job = {"files": {"main.sh": "cat built; cat made; echo made > made"}}
    kernel.run(build="echo built > built", **job)
    assert kernel.run(build=False, **job)[1:] == (
        b"built\n",
        b"cat: made: No such file or directory\n",
    )
    assert kernel.run(**job)[1] == b""


def test_what_a_build_made_goes_too(kernel: Kernel) -> None:
    kernel.run(files={"main.sh": "true", "build.sh": "echo > built"})
    assert sorted(look(kernel)) == BEFORE


def test_what_others_made_meanwhile_stays(kernel: Kernel) -> None:
    kernel.keys.recv()  # the kernel's subscription
    kernel.keys.send(b"echo from-the-terminal > typed; echo typed > told\n")
    while not (kernel.work / "told").exists():
        kernel.screen.recv()
    kernel.run(files={"main.sh": "echo made > made"})
    assert {"./typed", "./made"} <= set(look(kernel))


def test_what_a_query_made_stays_for_the_next_one(kernel: Kernel) -> None:
    kernel.run(code="echo made > made")
    assert kernel.run(code="cat made")[1] == b"made\n"
    assert "./made" in look(kernel)


def test_a_query_of_several_files_leaves_nothing_either(kernel: Kernel) -> None:
    kernel.run(code="cat data; echo made > made", files={"data": "given"})
    assert sorted(look(kernel)) == BEFORE


def test_what_a_query_makes_between_jobs_stays_and_what_they_make_goes(kernel: Kernel) -> None:
    kernel.run(files={"main.sh": "echo made > first"})
    kernel.run(code="ls first && echo made > kept")
    kernel.run(files={"main.sh": "echo made > second"})
    assert sorted(look(kernel)) == ["./kept", *BEFORE]
    kernel.run(files={"main.sh": "echo made > third"}, keep=True)
    assert sorted(look(kernel)) == ["./kept", *BEFORE]


def test_a_build_that_fails_leaves_nothing_to_the_next(kernel: Kernel) -> None:
    kernel.run(files={"main.sh": "true"}, build="echo made > built; exit 1")
    assert sorted(look(kernel)) == BEFORE
