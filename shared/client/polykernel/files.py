"""Programs as files of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polykernel.errors import OptionError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

# A job is one message, held in memory on both sides.
LARGEST = 256 << 20


def read_program(path: str | os.PathLike[str]) -> dict[str, bytes]:
    """Return what `Kernel.run` takes as `files`: one file by its name, or a directory's whole tree.

    Hidden files and directories below a directory are left out, and symbolic links that lead out
    of it.

    Raises:
        OptionError: there is no such file, it cannot be read, or it is more than 256 MiB.
    """
    top = Path(path)
    files: dict[str, bytes] = {}
    size = 0
    try:
        for name, file in _files(top):
            size += file.stat().st_size
            if size > LARGEST:
                raise OptionError(f"{top} is more than {LARGEST >> 20} MiB; mount it as workdir")
            files[name] = file.read_bytes()
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be read: {error.strerror}") from error
    if not files:
        raise OptionError(f"{top} holds no file")
    return files


def _files(top: Path) -> Iterator[tuple[str, Path]]:
    if not top.is_dir():
        yield top.name, top
        return
    inside = top.resolve()
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top)
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(inside):
            yield name.as_posix(), path
