"""How much of a container's memory can be held by what no process owns.

Files in memory, and System V's shared memory, stay when a program is killed. Were there room for as
much of them as the container may have memory, the one who fills it would leave none to the runner,
and the kernel would be killed in its stead. So all that can be filled is together at most 80 % of
the memory, and files are bounded in number too: an empty one takes about 1 KiB.
"""

from __future__ import annotations

from typing import NamedTuple

HOME = "/home/work"
SHARED_MEMORY = "/dev/shm"  # noqa: S108  the container's, all of them
# Largest page of the architectures that engines run on; a tmpfs is rounded up to whole pages.
PAGE = 64 << 10
# A file for so many bytes of the share, so that empty ones take at most 5 % of the memory more.
BYTES_PER_FILE = 16 << 10
LEAST_FILES = 256


class Share(NamedTuple):
    """At most so many percent of the memory, and at most so many bytes; 0 for no such bound."""

    percent: int
    most: int = 0

    def of(self, memory: int) -> int:
        """Return whole pages, at least one: a size of 0 would be no bound."""
        size = memory * self.percent // 100
        size = min(size, self.most) if self.most else size
        return max(size // PAGE * PAGE, PAGE)

    def bounds(self, memory: int, wanted: int | None = None) -> str:
        """Return the options of a tmpfs; `wanted` bytes are enough for it, however many files."""
        size = self.of(memory)
        files = max(memory * self.percent // 100 // BYTES_PER_FILE, LEAST_FILES)
        return f"size={size if wanted is None else min(size, wanted)},nr_inodes={files}"


# Where programs write, there is as much as the image's label says, if these allow it.
WRITABLE = {HOME: Share(40), "/tmp": Share(25), "/var/tmp": Share(5)}  # noqa: S108
SHM = Share(5, 64 << 20)
RUN = Share(2, 16 << 20)
SYSTEM_V = Share(3, 64 << 20)


def tmpfs(memory: int, wanted: int, *, owner: tuple[int, int] | None) -> dict[str, str]:
    """Return the options of every tmpfs of a container, by its place.

    `wanted` bytes are given to each that programs write to, if `memory` allows it. `owner` is that
    of the work directory, None where that is a mount.
    """
    # Docker's own default is noexec, and programs are built here.
    common = "rw,exec,nosuid,nodev"
    bounds = {place: share.bounds(memory, wanted) for place, share in WRITABLE.items()}
    mounts = {
        place: f"{common},{bound},mode=1777" for place, bound in bounds.items() if place != HOME
    }
    mounts[SHARED_MEMORY] = f"rw,noexec,nosuid,nodev,{SHM.bounds(memory)},mode=1777"
    mounts["/run"] = f"rw,noexec,nosuid,nodev,{RUN.bounds(memory)},mode=755"
    if owner is not None:
        mounts[HOME] = f"{common},{bounds[HOME]},mode=755,uid={owner[0]},gid={owner[1]}"
    return mounts


def system_v(memory: int) -> dict[str, str]:
    """Return the settings of the kernel that bound what System V's IPC can hold."""
    size = SYSTEM_V.of(memory)
    return {
        "kernel.shmmax": str(size),
        # In pages of 4 KiB, which are larger on a few machines: there it is as much more.
        "kernel.shmall": str(size >> 12),
        # 128 sets of 250 semaphores, and 32 queues of 16 KiB.
        "kernel.sem": "250 32000 32 128",
        "kernel.msgmni": "32",
    }
