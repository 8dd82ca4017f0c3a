"""`digests.json`: what was pushed, for programs that pull by digest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from polykernel_builder.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PushedImage:
    """One image in a registry; `sbom` is the digest of its inventory's manifest there."""

    repository: str
    digest: str
    tags: tuple[str, ...]
    image_id: str
    sbom: str | None

    @property
    def reference(self) -> str:
        return f"{self.repository}@{self.digest}"


class DigestsFile:
    """Written after every image: what has been pushed is known also when the next one fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.new")
        self._images: dict[str, PushedImage] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.touch()
            self._partial.unlink()
        except OSError as error:
            raise UsageError(f"--digests {path}: cannot be written: {error.strerror}") from error

    def add(self, name: str, image: PushedImage) -> None:
        self._images[name] = image
        self._write()

    def _write(self) -> None:
        images = {
            name: {**asdict(image), "reference": image.reference}
            for name, image in sorted(self._images.items())
        }
        self._partial.write_text(json.dumps({"images": images}, indent=1) + "\n", encoding="utf-8")
        self._partial.replace(self._path)
