"""Reads an image as the engine saves it, layer by layer and entry by entry.

The archive is read as it comes and nothing of it is kept but a line for each file: `docker save`'s
format of old, and the OCI layout that newer engines write.
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import tarfile
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, cast

from docker.errors import DockerException, ImageNotFound

from polykernel_builder.errors import BuilderError, EngineError
from polykernel_builder.image_config import read_config
from polykernel_builder.layers import Entry, ImageContent, Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    import docker

    from polykernel_builder.layers import Kind

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
XATTR = "SCHILY.xattr."
CHUNK = 1 << 20

_KINDS: dict[bytes, Kind] = {
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hard link",
    tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
    tarfile.FIFOTYPE: "fifo",
}


def read_image(client: docker.DockerClient, name: str) -> ImageContent:
    """Read an image of the engine's.

    Raises:
        BuilderError: there is no such image.
        EngineError: the engine cannot give it out.
    """
    try:
        stream = client.images.get(name).save(chunk_size=CHUNK)
        return read_archive(io.BufferedReader(_Chunks(stream), CHUNK))
    except ImageNotFound as error:
        raise BuilderError(f"{name}: the engine has no such image; build it first") from error
    except (DockerException, tarfile.TarError) as error:
        raise EngineError(f"{name}: the engine cannot save it: {error}") from error


def read_archive(stream: IO[bytes]) -> ImageContent:
    """Read what `docker save` wrote of one image."""
    layers: dict[str, Layer] = {}
    documents: dict[str, Any] = {}
    links: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.issym():
                target = posixpath.join(posixpath.dirname(member.name), member.linkname)
                links[member.name] = posixpath.normpath(target)
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            # All that is no document in JSON is a layer, or the number of the format.
            start = cast("io.BufferedReader", content).peek(1)[:1]
            if start in {b"{", b"["}:
                documents[member.name] = json.load(content)
            elif posixpath.basename(member.name) != "VERSION":
                layers[member.name] = _read_layer(content)
    (manifest,) = documents["manifest.json"]
    config = read_config(documents[manifest["Config"]])
    names = [links.get(name, name) for name in manifest["Layers"]]
    return ImageContent(
        layers=tuple(
            replace(layers[name], command=command)
            for name, command in zip(names, config.layer_commands(len(names)), strict=True)
        ),
        config=config,
    )


class _Chunks(io.RawIOBase):
    """A file to read from, of pieces of any size."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as RawIOBase has it
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _read_layer(stream: IO[bytes]) -> Layer:
    entries: dict[str, Entry] = {}
    removed, opaque = set[str](), set[str]()
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            directory, name = posixpath.split(_path(member.name))
            if name == OPAQUE:
                opaque.add(directory)
            elif name.startswith(WHITEOUT):
                removed.add(posixpath.join(directory, name.removeprefix(WHITEOUT)))
            else:
                entry = _entry(archive, member)
                if entry.kind == "hard link" and entry.link in entries:
                    entry = replace(entry, digest=entries[entry.link].digest)
                entries[entry.path] = entry
            # Else the archive remembers each for what a stream cannot do: going back to it.
            archive.members = []  # type: ignore[attr-defined]
    return Layer(
        command="",
        entries=tuple(entries.values()),
        removed=frozenset(removed),
        opaque=frozenset(opaque),
    )


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    kind = _KINDS.get(member.type, "file")
    link = {
        "symlink": member.linkname,
        "hard link": _path(member.linkname) if kind == "hard link" else "",
        "device": f"{member.devmajor}:{member.devminor}",
    }.get(kind, "")
    content = archive.extractfile(member) if kind == "file" else None
    return Entry(
        path=_path(member.name),
        kind=kind,
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        size=member.size if kind == "file" else 0,
        mtime=member.mtime,
        link=link,
        digest=_digest(content) if content else "",
        xattrs=tuple(
            sorted(
                (key.removeprefix(XATTR), value)
                for key, value in member.pax_headers.items()
                if key.startswith(XATTR)
            )
        ),
    )


def _digest(content: IO[bytes]) -> str:
    total = hashlib.sha256()
    while chunk := content.read(CHUNK):
        total.update(chunk)
    return total.hexdigest()


def _path(name: str) -> str:
    return posixpath.normpath("/" + name.lstrip("/"))
