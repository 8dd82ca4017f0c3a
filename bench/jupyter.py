"""The floor of Python's queries: a bare ipykernel in our image, and jupyter_client before it."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.containers import Mount, Plan
from bench.errors import BenchError
from bench.world import SOCKETS, World, private_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

PATIENCE = 60
CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class BareKernel:
    """An ipykernel that nothing stands before."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def execute(self, code: str) -> None:
        """Run code, and wait for all that the kernel says to it."""
        request = self._client.execute(code)
        while True:
            message = self._client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["content"].get("execution_state") == "idle":
                break
        reply = self._client.get_shell_msg(timeout=PATIENCE)
        if reply["content"]["status"] != "ok":
            raise BenchError(f"the bare ipykernel fails: {reply['content']}")


@contextmanager
def ipykernel(world: World) -> Iterator[BareKernel]:
    """Start one with `docker run`; it answers as soon as it can."""
    from jupyter_client.blocking.client import BlockingKernelClient

    with private_directory() as directory:
        _write_connection(directory, SOCKETS)
        plan = Plan(
            image=world.image("python"),
            entrypoint=(
                *("python3", "-m", "ipykernel_launcher", "-f", f"{SOCKETS}/connection.json"),
                # What would be written to a database is no part of what is compared.
                "--HistoryManager.enabled=False",
            ),
            env={"HOME": "/tmp"},  # noqa: S108  the container's
            user=(os.geteuid(), os.getegid()),
            mounts=(Mount(directory, SOCKETS, writable=True),),
        )
        with world.engine.container(plan):
            client = BlockingKernelClient()
            client.load_connection_info(_connection(str(directory)))
            client.start_channels(hb=False)
            try:
                _wait(client)
                yield BareKernel(client)
            finally:
                client.stop_channels()
                client.context.destroy(linger=0)


def _wait(client: BlockingKernelClient) -> None:
    """Until its output can be heard: what is published before somebody listens is lost."""
    client.wait_for_ready(timeout=PATIENCE)


def _write_connection(directory: Path, place: str) -> None:
    (directory / "connection.json").write_text(json.dumps(_connection(place)))


def _connection(place: str) -> Any:  # noqa: ANN401
    ports = {channel: number for number, channel in enumerate(CHANNELS, start=1)}
    return {
        "transport": "ipc",
        "ip": f"{place}/k",
        "key": "none",
        "signature_scheme": "hmac-sha256",
        **ports,
    }
