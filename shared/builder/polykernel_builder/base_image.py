"""debian:trixie-slim: found, pulled, or made from Debian's packages and imported."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import partial
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException

from polykernel_builder.errors import BuildFailedError, EngineError, MissingToolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from polykernel_builder.catalog import Tree
    from polykernel_builder.engine import Engine

REPOSITORY, TAG = "debian", "trixie-slim"
SUITE = "trixie"
# Seconds of silence after which no registry is thought to answer.
PULL_PATIENCE = 10
LAST_LINES = 15
CHUNK = 1 << 20


def ensure(
    tree: Tree, engine: Engine, say: Callable[[str], None], *, pull: bool = True, make: bool = True
) -> None:
    """See to it that the engine has the base image: pulled, else made, as far as allowed.

    Raises MissingToolError when it has not and mmdebstrap is not there, or is not to be used.
    """
    try:
        engine.client.images.get(f"{REPOSITORY}:{TAG}")
    except ImageNotFound:
        if pull and _pull(engine.host, say):
            return
        if not make or shutil.which("mmdebstrap") is None:
            raise MissingToolError(
                f"{REPOSITORY}:{TAG} can neither be found nor pulled; to have it made from "
                "Debian's packages: apt-get install mmdebstrap"
            ) from None
        _make(tree, engine.client, say)


def _pull(host: str, say: Callable[[str], None]) -> bool:
    say(f"pulling {REPOSITORY}:{TAG}")
    try:
        client = docker.DockerClient(base_url=host, timeout=PULL_PATIENCE)
        for message in client.api.pull(REPOSITORY, TAG, stream=True, decode=True):
            if "error" in message:
                say(f"cannot be pulled: {message['error']}")
                return False
    except (DockerException, RequestException) as error:
        say(f"cannot be pulled: {getattr(error, 'explanation', None) or error}")
        return False
    return True


def _make(tree: Tree, client: docker.DockerClient, say: Callable[[str], None]) -> None:
    say(f"making {REPOSITORY}:{TAG} from Debian's packages with mmdebstrap")
    dpkg = tree.root / "images" / "base" / "dpkg.cfg"
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--dpkgopt={dpkg}", SUITE, "-"]
    with tempfile.TemporaryFile() as archive:
        made = subprocess.run(command, stdout=archive, stderr=subprocess.PIPE, check=False)
        if made.returncode != 0:
            log = made.stderr.decode(errors="replace").strip().splitlines()
            last = "\n".join(log[-LAST_LINES:])
            raise BuildFailedError(
                f"mmdebstrap could not make {REPOSITORY}:{TAG}; it says:\n{last}"
            )
        archive.seek(0)
        try:
            # The SDK announces chunks, which only an iterator is sent in.
            chunks = iter(partial(archive.read, CHUNK), b"")
            client.api.import_image_from_stream(chunks, REPOSITORY, TAG)
        except DockerException as error:
            raise EngineError(f"the engine cannot import the base image: {error}") from error
