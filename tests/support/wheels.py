"""Wheels made on the spot."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """`files` are by path; `metadata` are further lines, such as `Requires-Dist: x`."""

    name: str
    version: str
    files: Mapping[str, str]
    metadata: tuple[str, ...] = field(default=())

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    def data(self) -> bytes:
        about = f"{self.name}-{self.version}.dist-info"
        metadata = ("Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}")
        tags = (
            "Wheel-Version: 1.0",
            "Generator: test",
            "Root-Is-Purelib: true",
            "Tag: py3-none-any",
        )
        members = {
            **self.files,
            f"{about}/METADATA": "\n".join((*metadata, *self.metadata)) + "\n",
            f"{about}/WHEEL": "\n".join(tags) + "\n",
        }
        record = "".join(f"{name},,\n" for name in (*members, f"{about}/RECORD"))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, text in {**members, f"{about}/RECORD": record}.items():
                archive.writestr(name, text)
        return stream.getvalue()

    def write(self, directory: Path) -> Path:
        path = directory / self.file_name
        path.write_bytes(self.data())
        return path
