"""What /proc tells of processes: with real ones."""

from __future__ import annotations

import asyncio
import subprocess

from polykernel_runner.usage import children
from support.programs import eventually

# The kernel gives such a file a page at a time: 4096 bytes are some 700 numbers.
MANY = 1500


def test_of_a_process_with_very_many_children_all_are_seen() -> None:
    start = f"for _ in $(seq {MANY}); do sleep 600 & done; wait"
    with subprocess.Popen(["/bin/sh", "-c", start], start_new_session=True) as parent:
        try:
            asyncio.run(eventually(lambda: len(children(parent.pid)) >= MANY, "all are seen"))
            assert len(set(children(parent.pid))) == MANY
        finally:
            subprocess.run(["pkill", "-KILL", "-s", str(parent.pid)], check=False)
