"""The tags that an image gets in a registry, from its labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polykernel_builder.dockerfile import LATEST
from polykernel_builder.labels import OCI, TOOLCHAIN_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

REVISION_DIGITS = 12


def usual_tags(labels: Mapping[str, str]) -> tuple[str, ...]:
    """`latest`, the project's version, `1.85`, `1.85-<version>` and the revision, where known.

    Of the toolchain's version the first two numbers; of the revision 12 digits, and none when the
    image was built from what is not committed.
    """
    version = _tag(labels.get(f"{OCI}version", ""))
    toolchain = _tag(".".join(labels.get(TOOLCHAIN_VERSION, "").split(".")[:2]))
    both = f"{toolchain}-{version}" if toolchain and version else ""
    revision = labels.get(f"{OCI}revision", "")[:REVISION_DIGITS]
    tags = (LATEST, version, toolchain, both, revision)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _tag(version: str) -> str:
    return re.sub(r"[^\w.-]", "-", version, flags=re.ASCII)
