"""The little that must be known of a Dockerfile before it is built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polykernel_builder.debian import DEBIAN
from polykernel_builder.errors import DefinitionError

if TYPE_CHECKING:
    from pathlib import Path

OURS = "polykernel/"
LATEST = "latest"
CA_DIRECTORY = "vendor/ca"

_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?", re.IGNORECASE)
_OUR_LATEST = re.compile(rf"(?P<name>\b{OURS}[a-z0-9_.-]+):{LATEST}\b")
_DEBIAN = re.compile(rf"(?<![\w./-]){re.escape(DEBIAN)}(?![\w.-])")
_COPY_FROM = re.compile(r"COPY\s+(?:--\S+\s+)*--from=(?P<image>\S+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """`parents` are the names below `polykernel/` it builds on; `base` is the last stage's image.

    `wants_ca` is true when a stage copies the host's certificates from the context.
    """

    parents: tuple[str, ...]
    base: str
    wants_ca: bool

    @property
    def base_name(self) -> str:
        """Its name below `polykernel/`, where it is one of ours."""
        return _name(self.base) if self.base.startswith(OURS) else ""


def load_dockerfile(path: Path) -> Dockerfile:
    """Read `path`. Raises DefinitionError where it is missing or breaks a rule of ours."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DefinitionError(f"{path}: the file is missing") from None
    bases: dict[str, str] = {}
    images: list[str] = []
    final: list[str] = []
    for line in _instructions(text):
        if match := _FROM.match(line):
            base = bases.get(match["image"], match["image"])
            bases[match["stage"] or str(len(bases))] = base
            images.append(base)
            final = []
        elif match := _COPY_FROM.match(line):
            images.append(match["image"])
        final.append(line)
    if not images:
        raise DefinitionError(f"{path}: has no FROM line")
    if any(CA_DIRECTORY in line for line in final):
        raise DefinitionError(
            f"{path}: its last stage copies {CA_DIRECTORY}: certificates of the build's host must "
            "not be in an image; use them in an earlier stage"
        )
    return Dockerfile(
        parents=tuple(sorted({_name(image) for image in images if image.startswith(OURS)})),
        base=list(bases.values())[-1],
        wants_ca=CA_DIRECTORY in text,
    )


def retagged(text: str, tag: str) -> str:
    """A Dockerfile's text with `tag` in place of `latest` in names of images of ours."""
    return _OUR_LATEST.sub(rf"\g<name>:{tag}", text)


def rebased(text: str, image: str) -> str:
    """A Dockerfile's text with `image` in place of `debian:trixie-slim`."""
    return _DEBIAN.sub(image, text)


def _instructions(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    return [line.strip() for line in joined.splitlines() if line.strip()]


def _name(image: str) -> str:
    return image.removeprefix(OURS).partition(":")[0]
