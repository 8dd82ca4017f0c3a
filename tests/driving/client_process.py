"""A client in a process of its own, to be ended in ways that a test cannot end itself."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from driving.containers import docker
from polykernel.container import KERNEL_LABEL, OWNER_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD = """
import asyncio, sys
from polykernel import Kernel
from polykernel.owner import this_process

async def main():
    async with Kernel.start(sys.argv[1]) as kernel:
        run = kernel.execute("exec", "sleep 1000")
        await kernel.status()
        print(this_process(), flush=True)
        await run

asyncio.run(main())
"""
PATIENCE = 15.0


def start(lang: str, program: str = HOLD) -> tuple[subprocess.Popen[str], str]:
    """Start a client that holds a kernel with a run in it; return it, and its owner's label."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, lang],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def containers(owner: str) -> list[str]:
    """The names of the containers of an owner."""
    filters = {"label": [f"{KERNEL_LABEL}=1", f"{OWNER_LABEL}={owner}"]}
    with docker() as client:
        found = client.api.containers(all=True, filters=filters)
    return [str(container["Names"][0]) for container in found]


def gone(owner: str) -> bool:
    """Whether an owner's containers go away in time."""
    return any(not containers(owner) for _ in _until_patience_ends())


def _until_patience_ends() -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
