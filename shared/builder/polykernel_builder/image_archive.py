"""Images made of one layer, as `docker load` takes them.

Unlike `docker import` that lets one say for which platform an image is, and of when: the same layer
gives the same image.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from datetime import datetime, timezone
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import docker

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHUNK = 1 << 20


def load_layer(
    client: docker.DockerClient,
    layer: IO[bytes],
    name: str,
    architecture: str,
    *,
    created: int = 0,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Give `client` the image `name`, of nothing but `layer`: a tar file, open at its start."""
    digest = _sha256(layer)
    time = datetime.fromtimestamp(created, tz=timezone.utc).isoformat()
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": time,
        "config": {"Cmd": ["bash"], "Env": [PATH], "Labels": dict(labels or {})},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created": time, "created_by": "polykernel"}],
    }
    description = json.dumps(config, sort_keys=True).encode()
    config_name = f"{hashlib.sha256(description).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tempfile.TemporaryFile() as stream:
        with tarfile.open(fileobj=stream, mode="w") as archive:
            _add(archive, "layer.tar", layer)
            _add(archive, config_name, io.BytesIO(description))
            _add(archive, "manifest.json", io.BytesIO(json.dumps(manifest).encode()))
        stream.seek(0)
        client.images.load(stream)


def _sha256(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _add(archive: tarfile.TarFile, name: str, data: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = data.seek(0, io.SEEK_END)
    data.seek(0)
    archive.addfile(entry, data)
