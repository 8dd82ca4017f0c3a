"""From `docker run` to the first reply: a kernel's `status` beside a bare pyzmq echo in its image.

    .venv/bin/python bench/start_time.py [LANG] [--rounds N]

Both containers are started the same way, in turn, over ipc sockets in a mounted directory.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import docker
import zmq

from polykernel_runner.protocol import GetStatus, encode_request

ECHO = """
import zmq
context = zmq.Context()
requests, replies = context.socket(zmq.PULL), context.socket(zmq.PUSH)
requests.bind("ipc:///run/polykernel/in")
replies.bind("ipc:///run/polykernel/out")
replies.send_multipart(requests.recv_multipart())
requests.poll()
"""
PYTHON = "/opt/polykernel/env/bin/python"
DEADLINE = 30_000  # milliseconds


def first_reply(engine: docker.DockerClient, image: str, command: list[str] | None) -> float:
    """Return the seconds from asking for a container to its first reply."""
    context = zmq.Context()
    with tempfile.TemporaryDirectory(prefix="pk-") as directory:
        requests, replies = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        for socket in (requests, replies):
            socket.reconnect_ivl = 1
            socket.linger = 0
        requests.connect(f"ipc://{directory}/in")
        replies.connect(f"ipc://{directory}/out")
        started = time.perf_counter()
        container = engine.containers.run(
            image,
            entrypoint=None if command is None else command[0],
            command=None if command is None else command[1:],
            detach=True,
            network_mode="none",
            cap_drop=["ALL"],
            cap_add=["SETUID", "SETGID", "KILL"],
            read_only=True,
            tmpfs={"/tmp": "exec"},  # noqa: S108
            volumes={directory: {"bind": "/run/polykernel", "mode": "rw"}},
        )
        try:
            requests.send_multipart(encode_request(GetStatus()))
            if not replies.poll(DEADLINE):
                raise TimeoutError(container.logs().decode())
            return time.perf_counter() - started
        finally:
            container.remove(force=True)
            context.destroy(linger=0)
            for left in Path(directory).iterdir():
                left.unlink()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", nargs="?", default="c")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    image = f"polykernel/{options.language}:latest"
    engine = docker.from_env()
    kernels: list[float] = []
    echoes: list[float] = []
    for _ in range(options.rounds):
        echoes.append(first_reply(engine, image, [PYTHON, "-I", "-c", ECHO]))
        kernels.append(first_reply(engine, image, None))
    for name, times in (("echo", echoes), ("kernel", kernels)):
        print(
            f"{name:7} median {statistics.median(times):.3f} s"
            f"   fastest {min(times):.3f}   slowest {max(times):.3f}   of {len(times)}"
        )
    print(f"ratio of medians {statistics.median(kernels) / statistics.median(echoes):.2f}")


if __name__ == "__main__":
    main()
