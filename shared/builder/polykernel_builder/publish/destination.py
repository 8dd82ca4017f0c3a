"""Where images go: `HOST[:PORT][/PREFIX]`, and the names that they have there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from polykernel_builder.dockerfile import OURS
from polykernel_builder.errors import UsageError

PREFIX = OURS.rstrip("/")

# https://distribution.github.io/distribution/spec/api/#overview
_HOST = re.compile(
    r"(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|\[[0-9a-fA-F:]+\]|[A-Za-z0-9-]+(?=:))(?::\d+)?"
)
_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


@dataclass(frozen=True)
class Destination:
    """A registry, and the path in it below which each image has a repository."""

    host: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.host}/{self.prefix}"

    def repository(self, name: str) -> str:
        """The repository of the image `polykernel/<name>`."""
        return f"{self}/{name}"


def parse_destination(text: str | None) -> Destination:
    """Read `HOST[:PORT][/PREFIX]`; the prefix is `polykernel` unless it is given.

    Raises:
        UsageError: it is something else, such as an address with a scheme.
    """
    if not text:
        raise UsageError("say where to: --registry HOST[:PORT][/PREFIX]")
    host, _, path = text.rstrip("/").partition("/")
    if not _HOST.fullmatch(host):
        raise UsageError(
            f"--registry {text}: {host!r} is not a registry's host; it is like docker.io/alice, "
            "ghcr.io/alice/polykernel or localhost:5000, without https://"
        )
    # Registries know no capitals; the names of projects that prefixes are made of may have some.
    prefix = (path or PREFIX).lower()
    for part in prefix.split("/"):
        if not _PART.fullmatch(part):
            raise UsageError(
                f"--registry {text}: {part!r} cannot be part of a repository's name; letters, "
                "digits and single . _ - between them can"
            )
    return Destination(host, prefix)


def check_tag(text: str) -> str:
    """A tag as it was typed. Raises UsageError for what cannot be one."""
    if not _TAG.fullmatch(text):
        raise UsageError(
            f"--tag {text}: a tag has letters, digits, '.', '_' and '-', and begins with neither "
            "'.' nor '-'; at most 128 characters"
        )
    return text
