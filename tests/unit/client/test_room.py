from __future__ import annotations

import re

import pytest

from polykernel.room import HOME, SHARED_MEMORY, system_v, tmpfs

LEAST = 6 << 20
MEGABYTES = (*range(6, 300, 7), *range(300, 5000, 331), 16 << 10, 1 << 20)
# What the kernel keeps of an empty file: inode, name, and its place in the directory.
EMPTY_FILE = 1 << 10


def bounds(options: str) -> tuple[int, int]:
    """Bytes and files that a mount has room for."""
    match = re.search(r"(?:^|,)size=(\d+),nr_inodes=(\d+)(?:,|$)", options)
    assert match, options
    return int(match[1]), int(match[2])


@pytest.mark.parametrize("memory", [LEAST, LEAST + 1, *(count << 20 for count in MEGABYTES)])
@pytest.mark.parametrize("wanted", [1 << 20, 512 << 20, 1 << 40])
def test_all_that_can_be_filled_leaves_a_fifth_of_the_memory(memory: int, wanted: int) -> None:
    mounts = tmpfs(memory, wanted, owner=(1000, 1000))
    sizes = [bounds(options)[0] for options in mounts.values()]
    sizes.append(int(system_v(memory)["kernel.shmmax"]))

    assert set(mounts) == {HOME, "/tmp", "/var/tmp", "/run", SHARED_MEMORY}
    assert sum(sizes) <= memory * 0.8
    # One of 0 would be without bound, one of odd bytes rounded up.
    assert all(size > 0 and size % (64 << 10) == 0 for size in sizes)


@pytest.mark.parametrize("memory", [count << 20 for count in MEGABYTES if count >= 64])
def test_empty_files_beside_full_ones_still_leave_a_tenth(memory: int) -> None:
    mounts = [bounds(options) for options in tmpfs(memory, 1 << 40, owner=(0, 0)).values()]
    held = sum(size + files * EMPTY_FILE for size, files in mounts)

    assert held + int(system_v(memory)["kernel.shmmax"]) <= memory * 0.9


def test_the_label_is_the_most_that_programs_get_in_one_place() -> None:
    mounts = tmpfs(1 << 30, 100 << 20, owner=(7, 8))

    assert bounds(mounts[HOME])[0] == bounds(mounts["/tmp"])[0] == 100 << 20
    assert bounds(mounts["/var/tmp"])[0] < 100 << 20
    assert mounts[HOME].endswith("mode=755,uid=7,gid=8")


def test_a_large_container_gives_no_more_to_what_needs_little() -> None:
    mounts = tmpfs(1 << 40, 512 << 20, owner=None)

    assert HOME not in mounts
    assert bounds(mounts["/run"])[0] == 16 << 20
    assert bounds(mounts[SHARED_MEMORY])[0] == 64 << 20


def test_system_v_may_hold_as_many_pages_as_its_largest_segment() -> None:
    settings = system_v(1 << 30)

    assert int(settings["kernel.shmall"]) << 12 == int(settings["kernel.shmmax"])
