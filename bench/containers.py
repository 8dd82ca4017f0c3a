"""Containers that are measured: all started in the same way, all removed, whatever happens."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, ImageNotFound, NotFound

from bench.errors import BenchError
from polykernel import owner
from polykernel.container import KERNEL_LABEL, OWNER_LABEL
from polykernel.hardening import host_config
from polykernel.options import StartOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import docker

MOST_AT_ONCE = 256
LANGUAGE = "ai.polykernel.language"


@dataclass(frozen=True, slots=True)
class Mount:
    """A directory or file of this machine, and where it is in the container."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `docker run` is told; without an entrypoint the image's own."""

    image: str
    entrypoint: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    network: bool = False
    mounts: tuple[Mount, ...] = ()
    workdir: Path | None = None


class Engine:
    """The engine, with what is asked of it more than once."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._api = client.api
        self.info: Mapping[str, Any] = client.info()
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE)
        self._labels: dict[str, Mapping[str, str]] = {}
        # What a run that was killed has left.
        self._sweep(owner.is_gone)

    def labels(self, image: str) -> Mapping[str, str]:
        """Return an image's labels.

        Raises:
            BenchError: the engine does not have it.
        """
        if image not in self._labels:
            try:
                found: dict[str, Any] = self._api.inspect_image(image)  # type: ignore[no-untyped-call]
            except ImageNotFound:
                language = image.partition("/")[2].partition(":")[0]
                raise BenchError(
                    f"there is no image {image}; build it: invoke build --lang {language}"
                ) from None
            self._labels[image] = found["Config"]["Labels"] or {}
        return self._labels[image]

    @contextmanager
    def container(self, plan: Plan) -> Iterator[str]:
        """Create and start a container, give its name, and remove it."""
        name = f"polykernel-bench-{secrets.token_hex(6)}"
        settings = self._settings(plan)
        # In a thread, so that an interrupt does not leave what the engine has not made yet.
        made = self._threads.submit(self._api.create_container, plan.image, name=name, **settings)
        try:
            made.result()
            self._api.start(name)
            yield name
        finally:
            wait([made])
            self._remove(name)

    def _settings(self, plan: Plan) -> dict[str, Any]:
        labels = self.labels(plan.image)
        options = StartOptions(
            language=labels.get(LANGUAGE, "none"),
            image=plan.image,
            workdir=plan.workdir,
            # Whose the home is.
            user=plan.user,
        )
        hardened = host_config(options, labels, self.info)
        # What has ended is asked how; we remove it ourselves.
        hardened["auto_remove"] = False
        ours = {KERNEL_LABEL: "1", OWNER_LABEL: owner.this_process()}
        return {
            "entrypoint": None if plan.entrypoint is None else list(plan.entrypoint),
            "environment": dict(plan.env),
            "user": None if plan.user is None else "{}:{}".format(*plan.user),
            "labels": {key: value for key, value in ours.items() if value},
            "host_config": self._api.create_host_config(
                **hardened,
                network_mode="bridge" if plan.network else "none",
                binds=[
                    f"{mount.source}:{mount.target}:{'rw' if mount.writable else 'ro'}"
                    for mount in plan.mounts
                ],
            ),
        }

    def address(self, name: str) -> str:
        """Return where a container is on the engine's network."""
        found: dict[str, Any] = self._api.inspect_container(name)
        networks = found["NetworkSettings"]["Networks"]
        return str(networks["bridge"]["IPAddress"])

    def wait(self, name: str) -> None:
        """Wait for a container's end, which has to be a good one."""
        code = self._api.wait(name)["StatusCode"]
        if code != 0:
            raise BenchError(f"the container {name} ends with exit code {code}")

    def pids(self, name: str) -> dict[int, str]:
        """Return the processes of a container, by the numbers that they have out here."""
        rows = self._api.top(name, ps_args="-eo pid,args")["Processes"]
        return {int(pid): str(args) for pid, args in rows}

    def _remove(self, name: str) -> None:
        with suppress(NotFound):
            self._api.remove_container(name, force=True, v=True)

    def close(self) -> None:
        """Remove what is there after all, since an interrupt came while it was being removed."""
        self._threads.shutdown()
        mine = owner.this_process()
        self._sweep(lambda whose: whose == mine)

    def _sweep(self, of: Callable[[str | None], bool]) -> None:
        """Remove the containers of some processes that measure, or did."""
        found = self._api.containers(
            all=True, filters={"label": f"{KERNEL_LABEL}=1", "name": "polykernel-bench-"}
        )
        for container in found:
            if of(container["Labels"].get(OWNER_LABEL)):
                with suppress(APIError):
                    self._remove(container["Id"])
