"""Another machine's engine: with no image of its own, and a network that only we are in."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docker import DockerClient

if TYPE_CHECKING:
    from collections.abc import Iterator

# A corner of what is for documentation (RFC 5737): no network that this machine is in, one hopes.
OURS, THEIRS, NETWORK = "198.51.100.241", "198.51.100.242", "198.51.100.240/30"
SPACE = "polykernel-second"
LINK, FAR_LINK = "pk-second", "pk-first"
READY = 60.0


@dataclass(frozen=True)
class SecondEngine:
    """`host` as in DOCKER_HOST; `address` is this machine's, as seen from there."""

    host: str
    address: str


@contextmanager
def network() -> Iterator[str]:
    """Two ends of a cable, one in a network namespace; gives our end's address."""
    _ip("netns", "add", SPACE)
    with ExitStack() as stack:
        stack.callback(_ip, "netns", "delete", SPACE)
        _ip("link", "add", LINK, "type", "veth", "peer", "name", FAR_LINK, "netns", SPACE)
        stack.callback(_ip, "link", "delete", LINK)
        _ip("address", "add", f"{OURS}/30", "dev", LINK)
        _ip("link", "set", LINK, "up")
        for words in (
            ("address", "add", f"{THEIRS}/30", "dev", FAR_LINK),
            ("link", "set", FAR_LINK, "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-netns", SPACE, *words)
        yield OURS


@contextmanager
def second_engine() -> Iterator[SecondEngine]:
    """Start it, within `network`, and take all of it away at the end."""
    directory = Path(tempfile.mkdtemp(prefix="pk-engine-"))
    socket = directory / "engine.sock"
    host = f"unix://{socket}"
    command = [
        "nsenter",
        f"--net=/run/netns/{SPACE}",
        "dockerd",
        "--bridge=none",
        "--iptables=false",
    ]
    command += [f"--data-root={directory}/data", f"--exec-root={directory}/run", f"--host={host}"]
    command += [f"--pidfile={directory}/pid", f"--insecure-registry={NETWORK}"]
    log = directory / "log"
    with log.open("wb") as output:
        engine = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        _await(engine, socket, log)
        yield SecondEngine(host, OURS)
    finally:
        engine.terminate()
        engine.wait(timeout=READY)
        shutil.rmtree(directory)


def _await(engine: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + READY
    while not socket.exists():
        if engine.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(log.read_text(encoding="utf-8")[-2000:])
        time.sleep(0.1)
    # It listens before it is ready, and answers then.
    DockerClient(base_url=f"unix://{socket}", timeout=int(READY)).close()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
