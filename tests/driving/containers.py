"""Containers for tests that look at one from outside, or start it in a way the client does not."""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker import DockerClient

from polykernel.container import KERNEL_LABEL, OWNER_LABEL, Container
from polykernel.engine import engine_host
from polykernel.kernel import Kernel
from polykernel.options import StartOptions
from polykernel.owner import this_process
from polykernel.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from docker.models.containers import Container as Handle

    from polykernel.endpoint import Endpoint

LABELS = {KERNEL_LABEL: "1", OWNER_LABEL: this_process() or "tests"}


@contextmanager
def docker() -> Iterator[DockerClient]:
    """The engine, spoken to directly."""
    client = DockerClient(base_url=engine_host())
    try:
        yield client
    finally:
        client.close()


def remove_images(client: DockerClient, repository: str) -> None:
    """Remove a repository's images by their names.

    What a test run that was killed has built on one is so no reason to fail.
    """
    for found in client.images.list(repository):
        for name in found.tags:
            client.images.remove(name, force=True)


def image(lang: str) -> str:
    return f"polykernel/{lang}:latest"


def ours() -> list[str]:
    """The names of the containers that this test session has not removed."""
    label = f"{OWNER_LABEL}={LABELS[OWNER_LABEL]}"
    with docker() as client:
        return [
            str(item["Names"][0])
            for item in client.api.containers(all=True, filters={"label": label})
        ]


def of_client(pid: int) -> list[str]:
    """The containers of a client in a process of its own."""
    with docker() as client:
        found = client.api.containers(all=True, filters={"label": f"{KERNEL_LABEL}=1"})
    return [str(item["Id"]) for item in found if f"/{pid}/" in item["Labels"].get(OWNER_LABEL, "")]


@contextmanager
def running(lang: str, **settings: Any) -> Iterator[Handle]:  # noqa: ANN401
    """A container of `lang` started with nothing but `settings`, as by `docker run`."""
    with docker() as client:
        handle = client.containers.run(image(lang), detach=True, labels=LABELS, **settings)
        try:
            yield handle
        finally:
            handle.remove(force=True, v=True)


def give(lang: str, path: Path, uid: int) -> None:
    """Change who owns a directory; done in a container, for who runs tests without being root."""
    mount = {str(path): {"bind": "/mnt", "mode": "rw"}}
    command = ["-R", f"{uid}:{uid}", "/mnt"]
    with running(lang, entrypoint="chown", command=command, volumes=mount, user="0") as container:
        assert container.wait()["StatusCode"] == 0, image(lang)


@contextmanager
def given(lang: str, path: Path, uid: int) -> Iterator[None]:
    """The same for a while."""
    give(lang, path, uid)
    try:
        yield
    finally:
        give(lang, path, os.getuid())


def address(handle: Handle) -> str:
    """Where a container is on the engine's network."""
    handle.reload()
    return str(handle.attrs["NetworkSettings"]["IPAddress"])


class Box:
    """A kernel's container as the client starts it, and the view on it from outside."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.endpoint = endpoint

    def processes(self) -> dict[int, str]:
        """The command lines of its processes, by the numbers they have out here."""
        with docker() as client:
            rows = client.api.top(self.name, ps_args="-eo pid,args")["Processes"]
        return {int(pid): args for pid, args in rows}

    def pids(self, args: str) -> list[int]:
        """The processes with just that command line."""
        return [pid for pid, found in self.processes().items() if found == args]

    def zombies(self) -> list[str]:
        """Processes that have ended and that nobody has reaped."""
        return [args for args in self.processes().values() if args.endswith("<defunct>")]

    @property
    def runner(self) -> int:
        """The runner's process."""
        (pid,) = self.pids("/opt/polykernel/env/bin/python -I -S /opt/polykernel/start.py")
        return pid

    def runner_peak(self) -> int:
        """The most bytes that the runner ever had resident."""
        for line in Path(f"/proc/{self.runner}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the runner has no memory")

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM as `docker stop` does; return the exit code, and the seconds it took."""
        with docker() as client:
            asked = time.monotonic()
            client.api.kill(self.name, "SIGTERM")
            code = client.api.wait(self.name)["StatusCode"]
            return int(code), time.monotonic() - asked


@asynccontextmanager
async def boxed(lang: str, **options: Any) -> AsyncIterator[Box]:  # noqa: ANN401
    """A container exactly as `Kernel.start` starts it, that nobody speaks to yet."""
    container = Container(StartOptions(language=lang, **options), lambda: None)
    try:
        endpoint, _ = await in_thread(container.start)
        yield Box(container.name, endpoint)
    finally:
        await in_thread(container.remove)


@asynccontextmanager
async def boxed_kernel(lang: str, **options: Any) -> AsyncIterator[tuple[Kernel, Box]]:  # noqa: ANN401
    """The same with a client."""
    async with boxed(lang, **options) as box, Kernel.connect(box.endpoint) as kernel:
        yield kernel, box
