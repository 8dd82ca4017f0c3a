"""Build contexts as tar streams: the same files give the same bytes."""

from __future__ import annotations

import io
import tarfile
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from polykernel_builder.debian import DEBIAN
from polykernel_builder.dockerfile import LATEST, rebased, retagged
from polykernel_builder.vendor import FILE_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path, PurePath

DOCKERFILE = "Dockerfile"
# What a Dockerfile never copies: a changed example is no reason to send or build anything.
LEFT_OUT = frozenset({"examples", "conformance.toml", "__pycache__"})


@contextmanager
def packed(directory: Path, tag: str = LATEST, debian: str = DEBIAN) -> Iterator[IO[bytes]]:
    """The context of `directory`, an open file at its start.

    Its Dockerfile takes what it builds on of ours by `tag`, and the image `debian` for Debian.
    """
    with tempfile.TemporaryFile() as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for path in sorted(directory.rglob("*")):
                relative = path.relative_to(directory)
                if path == directory / DOCKERFILE and (tag, debian) != (LATEST, DEBIAN):
                    text = rebased(retagged(path.read_text(encoding="utf-8"), tag), debian)
                    archive.addfile(*_dockerfile(text))
                elif is_sent(relative):
                    archive.add(path, str(relative), recursive=False, filter=_normal)
        stream.seek(0)
        yield stream


def is_sent(relative: PurePath) -> bool:
    """Whether a file of the directory is part of the context."""
    return not LEFT_OUT.intersection(relative.parts)


def packed_dockerfile(text: str) -> IO[bytes]:
    """A context that is nothing but a Dockerfile."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(*_dockerfile(text))
    stream.seek(0)
    return stream


def _dockerfile(text: str) -> tuple[tarfile.TarInfo, IO[bytes]]:
    data = text.encode()
    entry = tarfile.TarInfo(DOCKERFILE)
    entry.size = len(data)
    return entry, io.BytesIO(data)


def _normal(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = FILE_TIME
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry
