from __future__ import annotations

import os
import subprocess
import sys

import pytest

from polykernel import owner

TELL = "from polykernel import owner; print(owner.this_process())"


def test_this_process_is_not_gone() -> None:
    assert not owner.is_gone(owner.this_process())


def test_one_that_ended_is_gone() -> None:
    told = subprocess.run(
        [sys.executable, "-c", TELL], stdout=subprocess.PIPE, text=True, check=True
    )

    assert owner.is_gone(told.stdout.strip())


def test_another_process_of_the_same_number_is_not_the_same() -> None:
    machine, pid, started = str(owner.this_process()).split("/")

    assert owner.is_gone(f"{machine}/{pid}/{int(started) + 1}")
    assert pid == str(os.getpid())


@pytest.mark.parametrize("told", [None, "", "nonsense", "other-machine/1/2", "a/b/c/d"])
def test_who_cannot_be_told_is_left_alone(told: str | None) -> None:
    assert not owner.is_gone(told)
