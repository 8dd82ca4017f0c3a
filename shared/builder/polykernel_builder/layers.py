"""What an image is made of: layers of files, and the file system that they come to."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polykernel_builder.image_config import ImageConfig

Kind: TypeAlias = Literal["file", "directory", "symlink", "hard link", "device", "fifo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a layer.

    `link` is where a link leads, or a device's number; `digest` is the SHA-256 of the content of
    a file, also of one that is a further name of another in its layer.
    """

    path: str
    kind: Kind
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    link: str = ""
    digest: str = ""
    xattrs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """`removed` are paths of lower layers, `opaque` directories that hide what those have."""

    command: str
    entries: tuple[Entry, ...]
    removed: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageContent:
    layers: tuple[Layer, ...]
    config: ImageConfig

    def files(self) -> dict[str, Entry]:
        """The file system that a container sees, by path."""
        found: dict[str, Entry] = {}
        for layer in self.layers:
            gone = layer.removed | {
                entry.path
                for entry in layer.entries
                if entry.kind != "directory" and _is_directory(found.get(entry.path))
            }
            if gone or layer.opaque:
                found = {
                    path: entry
                    for path, entry in found.items()
                    if path not in gone and (gone | layer.opaque).isdisjoint(_above(path))
                }
            found.update({entry.path: entry for entry in layer.entries})
        return found


def _is_directory(entry: Entry | None) -> bool:
    return entry is not None and entry.kind == "directory"


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = posixpath.dirname(path)
        yield path
