"""The Debian that images start from: found, pulled, or made from Debian's packages and loaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException

from polykernel_builder.debian import DEBIAN, SUITE, USUAL
from polykernel_builder.errors import BuildFailedError, EngineError, MissingToolError
from polykernel_builder.image_archive import load_layer
from polykernel_builder.labels import DEBIAN_ARCHIVE
from polykernel_builder.platforms import WAY_OUT, engine_platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from polykernel_builder.catalog import Tree
    from polykernel_builder.debian import Debian
    from polykernel_builder.engine import Engine
    from polykernel_builder.platforms import Platform

REPOSITORY, TAG = DEBIAN.split(":")
# Seconds of silence after which no registry is thought to answer.
PULL_PATIENCE = 10
LAST_LINES = 15


def ensure(
    tree: Tree,
    engine: Engine,
    say: Callable[[str], None],
    debian: Debian = USUAL,
    *,
    pull: bool = True,
    make: bool = True,
) -> None:
    """See to it that the engine has the base image: pulled, else made, as far as allowed.

    Raises MissingToolError when it has not and mmdebstrap is not there, or is not to be used.
    """
    if _is_there(engine.client, debian):
        return
    # Registries have Debian as it is today.
    if pull and debian.archive is None and _pull(engine, debian.platform, debian.image, say):
        return
    if not make or shutil.which("mmdebstrap") is None:
        raise MissingToolError(
            f"{debian.image} can neither be found nor pulled; to have it made from "
            "Debian's packages: apt-get install mmdebstrap"
        )
    _make(tree, engine.client, debian, say)


def _is_there(client: docker.DockerClient, debian: Debian) -> bool:
    try:
        found = client.images.get(debian.image)
    except ImageNotFound:
        return False
    # Two archives may have kept the same time.
    return debian.archive is None or found.labels.get(DEBIAN_ARCHIVE) == debian.archive.url


def _pull(
    engine: Engine, platform: Platform | None, image: str, say: Callable[[str], None]
) -> bool:
    say(f"pulling {DEBIAN}{f' for {platform}' if platform else ''}")
    try:
        client = docker.DockerClient(base_url=engine.host, timeout=PULL_PATIENCE)
        if platform is None:
            return _pulled(client, None, say)
        with _name_kept(client):
            if not _pulled(client, str(platform), say):
                return False
            pulled = client.images.get(DEBIAN)
            if pulled.attrs["Architecture"] != platform.debian:
                say(f"the registry has it for {pulled.attrs['Architecture']} only")
                return False
            repository, _, tag = image.partition(":")
            return pulled.tag(repository, tag)
    except (DockerException, RequestException) as error:
        say(f"cannot be pulled: {getattr(error, 'explanation', None) or error}")
        return False


def _pulled(client: docker.DockerClient, platform: str | None, say: Callable[[str], None]) -> bool:
    for message in client.api.pull(REPOSITORY, TAG, stream=True, decode=True, platform=platform):
        if "error" in message:
            say(f"cannot be pulled: {message['error']}")
            return False
    return True


@contextmanager
def _name_kept(client: docker.DockerClient) -> Iterator[None]:
    """What is pulled for another platform takes the name from the engine's own: give it back.

    By its digest it cannot be pulled: engines keep one image for the digest of a list.
    """
    own = client.images.list(DEBIAN)
    try:
        yield
    finally:
        for image in own:
            image.tag(REPOSITORY, TAG)
        if not own and client.images.list(DEBIAN):
            client.images.remove(DEBIAN)


def _make(
    tree: Tree, client: docker.DockerClient, debian: Debian, say: Callable[[str], None]
) -> None:
    archive = debian.archive
    sources = archive.sources() if archive else []
    say(f"making {debian.image} from Debian's packages with mmdebstrap")
    command = ["mmdebstrap", "--quiet", "--variant=minbase"]
    command.append(f"--dpkgopt={tree.root / 'images' / 'base' / 'dpkg.cfg'}")
    if debian.platform:
        command.append(f"--architectures={debian.platform.debian}")
    made_at = int(archive.time.timestamp() if archive else time.time())
    if archive and archive.url.startswith("https:"):
        command.append("--include=ca-certificates")
    with tempfile.TemporaryFile() as layer:
        _mmdebstrap([*command, SUITE, "-", *sources], layer, debian, made_at)
        layer.seek(0)
        try:
            load_layer(
                client,
                layer,
                debian.image,
                _architecture(client, debian),
                created=made_at,
                labels={DEBIAN_ARCHIVE: archive.url} if archive else {},
            )
        except DockerException as error:
            raise EngineError(f"the engine cannot load the base image: {error}") from error


def _mmdebstrap(command: list[str], output: IO[bytes], debian: Debian, made_at: int) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(made_at)}
    made = subprocess.run(
        command, stdout=output, stderr=subprocess.PIPE, env=environment, check=False
    )
    if made.returncode == 0:
        return
    log = made.stderr.decode(errors="replace").strip().splitlines()
    last = "\n".join(log[-LAST_LINES:])
    hint = ""
    if debian.platform:
        hint = f"\nfor {debian.platform} it needs arch-test, and that programs run here; {WAY_OUT}"
    raise BuildFailedError(f"mmdebstrap could not make {debian.image}; it says:\n{last}{hint}")


def _architecture(client: docker.DockerClient, debian: Debian) -> str:
    return (debian.platform or engine_platform(client)).debian
