"""Images as an engine saves them, made of a few files."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from polykernel_builder.saved_image import read_archive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polykernel_builder.layers import ImageContent


@dataclass(frozen=True, kw_only=True)
class Made:
    """An entry of a layer; a link where it has one, a directory where it has no content."""

    content: bytes | None = None
    symlink: str = ""
    hard_link: str = ""
    mode: int = 0o644
    uid: int = 0
    mtime: int = 0
    xattrs: Mapping[str, str] = field(default_factory=dict)


def layer(entries: Mapping[str, Made | bytes]) -> bytes:
    """A layer's archive; bytes are a file with that content."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, given in entries.items():
            made = given if isinstance(given, Made) else Made(content=given)
            info = tarfile.TarInfo(name)
            info.mode, info.uid, info.mtime = made.mode, made.uid, made.mtime
            info.pax_headers = {f"SCHILY.xattr.{key}": text for key, text in made.xattrs.items()}
            info.linkname = made.symlink or made.hard_link
            info.size = len(made.content or b"")
            if made.symlink:
                info.type = tarfile.SYMTYPE
            elif made.hard_link:
                info.type = tarfile.LNKTYPE
            elif made.content is None:
                info.type = tarfile.DIRTYPE
            archive.addfile(info, io.BytesIO(made.content or b""))
    return stream.getvalue()


def archive(
    layers: Sequence[Mapping[str, Made | bytes]],
    config: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, Any]] | None = None,
) -> io.BytesIO:
    """What `docker save` writes of an image with these layers."""
    steps = [{"created_by": f"step {number}"} for number in range(len(layers))]
    document = {"config": config or {}, "history": steps if history is None else history}
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    files = {name: layer(entries) for name, entries in zip(names, layers, strict=True)}
    files["c.json"] = json.dumps(document).encode()
    files["manifest.json"] = json.dumps([{"Config": "c.json", "Layers": names}]).encode()
    return io.BytesIO(layer(files))


def image(
    layers: Sequence[Mapping[str, Made | bytes]],
    config: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, Any]] | None = None,
) -> ImageContent:
    """Such an image, read."""
    return read_archive(archive(layers, config, history))
