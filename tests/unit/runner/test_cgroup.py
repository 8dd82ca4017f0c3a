"""What the files of a memory cgroup say, whichever version it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_runner.cgroup import MemoryCgroup
from support.cgroups import Cgroup

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=[1, 2])
def cgroup(tmp_path: Path, request: pytest.FixtureRequest) -> Cgroup:
    made = Cgroup(tmp_path, request.param)
    made.say(kills=3)
    return made


@pytest.mark.parametrize(
    ("used", "limit", "over"),
    [(51, 100, True), (50, 100, False), (10**12, "max", False), (10**12, 2**63 - 4096, False)],
)
def test_what_the_files_of_a_cgroup_say(
    cgroup: Cgroup, used: int, limit: int | str, *, over: bool
) -> None:
    cgroup.say(kills=4, used=used, limit=limit)
    assert (cgroup.memory.oom_kills(), cgroup.memory.is_over_half()) == (4, over)


def test_where_there_is_no_cgroup_nothing_is_told(tmp_path: Path) -> None:
    memory = MemoryCgroup(str(tmp_path))
    assert (memory.oom_kills(), memory.is_over_half()) == (None, False)
