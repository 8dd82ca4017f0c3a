"""What this machine has of what is needed, and the command that mends what is missing."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import DockerException, ImageNotFound

from polykernel_builder import base_image, engine
from polykernel_builder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

    from polykernel_builder.catalog import Tree

GB = 1 << 30
# All five toolchains with what building them needs for a while.
NEEDED_DISK = 12 * GB
OLDEST_ENGINE = (20, 10)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`mend` is a command, or a text, that mends it; None where all is well.

    What is not `needed` only makes something slower or less convenient.
    """

    what: str
    state: str
    mend: str | None = None
    needed: bool = True


def examine(tree: Tree) -> Iterator[Finding]:
    """Everything, one after the other, as far as the engine allows."""
    yield Finding(what="python", state=f"{platform.python_version()} in {sys.prefix}")
    yield _tool("gcc", "apt-get install gcc libc6-dev", needed=True)
    yield _tool("git", "apt-get install git", needed=False)
    yield _tool("chromedriver", "apt-get install chromium chromium-driver", needed=False)
    yield _tool("sftp", "apt-get install openssh-client", needed=False)
    yield _disk("disk, clone", tree.root)
    try:
        found = engine.connect()
    except EngineError as error:
        yield Finding(what="engine", state=str(error), mend="./quickstart, as root")
        return
    yield from _engine(found)
    yield _base(found.client)
    yield _buildx()
    for target in [*tree.images.values(), *tree.languages.values()]:
        yield _image(found.client, target.image, target.name)


def _tool(name: str, mend: str, *, needed: bool) -> Finding:
    path = shutil.which(name)
    if path:
        return Finding(what=name, state=path)
    return Finding(what=name, state="missing", mend=mend, needed=needed)


def _disk(what: str, path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    mend = None if free >= NEEDED_DISK else "docker system prune; invoke clean"
    return Finding(what=what, state=f"{free / GB:.0f} GB free at {path}", mend=mend, needed=False)


def _engine(found: engine.Engine) -> Iterator[Finding]:
    details = found.client.info()
    number = str(details["ServerVersion"])
    old = tuple(int(part) for part in number.split(".")[:2]) < OLDEST_ENGINE
    yield Finding(
        what="engine",
        state=f"{number}, {details['Architecture']}, at {found.host}",
        mend="https://docs.docker.com/engine/install/" if old else None,
    )
    root = Path(str(details["DockerRootDir"]))
    if root.is_dir():
        yield _disk("disk, engine", root)


def _base(client: docker.DockerClient) -> Finding:
    name = f"{base_image.REPOSITORY}:{base_image.TAG}"
    try:
        client.images.get(name)
    except ImageNotFound:
        pull = f"docker pull {name}; where there is no registry: apt-get install mmdebstrap"
        mend = None if shutil.which("mmdebstrap") else pull
        return Finding(what=name, state="is made by the next build", mend=mend, needed=False)
    return Finding(what=name, state="there")


def _buildx() -> Finding:
    try:
        command = ["docker", "buildx", "version"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return Finding(what="buildx", state="not there; not needed")
    known = result.stdout.strip() if result.returncode == 0 else "not there; not needed"
    return Finding(what="buildx", state=known)


def _image(client: docker.DockerClient, image: str, name: str) -> Finding:
    try:
        found = client.images.get(f"{image}:latest")
    except ImageNotFound:
        mend = f"invoke build --lang {name}"
        return Finding(what=image, state="not built", mend=mend, needed=False)
    except DockerException as error:
        return Finding(what=image, state=str(error), mend="invoke build --all")
    size = found.attrs["Size"] / GB
    return Finding(what=image, state=f"built {str(found.attrs['Created'])[:10]}, {size:.2f} GB")
