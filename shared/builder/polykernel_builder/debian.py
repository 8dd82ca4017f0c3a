"""Which Debian images start from: the usual one, another platform's, a dated archive's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import requests

from polykernel_builder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polykernel_builder.platforms import Platform

SUITE = "trixie"
# What Dockerfiles name, and what others on the same engine may use too.
DEBIAN = "debian:trixie-slim"
OWN_REPOSITORY = "polykernel/debian"
PATIENCE = 30
_EXAMPLE = "http://snapshot.debian.org/archive/debian/20261101T000000Z"
_STAMP = re.compile(r"/(\d{8}T\d{6}Z)(?:/|$)")


@dataclass(frozen=True)
class DebianArchive:
    """Debian's archive as it was at a time, which its address names."""

    url: str
    time: datetime

    @property
    def stamp(self) -> str:
        return f"{self.time:%Y%m%dT%H%M%SZ}"

    def sources(self) -> list[str]:
        """Lines of apt's sources.list: the suite, and its updates as far as the archive has them.

        Raises UsageError when the suite is not there.
        """
        return [
            # What was signed then is out of date by now.
            f"deb [check-valid-until=no] {url} {suite} main"
            for url, suite, needed in self._suites()
            if _has(url, suite, needed=needed)
        ]

    def _suites(self) -> Iterator[tuple[str, str, bool]]:
        yield self.url, SUITE, True
        yield self.url, f"{SUITE}-updates", False
        security = self.url.replace(f"/debian/{self.stamp}", f"/debian-security/{self.stamp}")
        if security != self.url:
            yield security, f"{SUITE}-security", False


@dataclass(frozen=True, kw_only=True)
class Debian:
    """`platform` is None for the engine's own, `archive` for Debian as it is today."""

    platform: Platform | None = None
    archive: DebianArchive | None = None

    @property
    def image(self) -> str:
        """Its name. Whatever is not the usual one leaves the usual name alone."""
        if self.platform is None and self.archive is None:
            return DEBIAN
        parts = [self.archive.stamp if self.archive else DEBIAN.partition(":")[2]]
        parts += [self.platform.debian] if self.platform else []
        return f"{OWN_REPOSITORY}:{'-'.join(parts)}"


USUAL = Debian()


def parse_archive(text: str) -> DebianArchive:
    """What `--debian-archive` says. Raises UsageError."""
    url = text.rstrip("/")
    match = _STAMP.search(url)
    if not re.fullmatch(r"https?://[^/\s]+/\S+", url):
        raise UsageError(f"--debian-archive {text}: not an http or https address like {_EXAMPLE}")
    if match is None:
        raise UsageError(
            f"--debian-archive {text}: names no time, as {_EXAMPLE} does; what an archive without "
            "one has today it may not have tomorrow"
        )
    try:
        time = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise UsageError(f"--debian-archive {text}: {match[1]} is not a time") from None
    if time > datetime.now(timezone.utc):
        # Files that are older than the archive would keep the time at which they were made.
        raise UsageError(f"--debian-archive {text}: {match[1]} is yet to come")
    return DebianArchive(url, time)


def _has(url: str, suite: str, *, needed: bool) -> bool:
    release = f"{url}/dists/{suite}/InRelease"
    try:
        with requests.get(release, timeout=PATIENCE, stream=True) as answer:
            status, reason = answer.status_code, answer.reason
    except requests.RequestException as error:
        cause = getattr(next(iter(error.args), None), "reason", error)
        raise UsageError(f"--debian-archive: {release} cannot be read: {cause}") from error
    if status == requests.codes.ok:
        return True
    if status == requests.codes.not_found and not needed:
        return False
    raise UsageError(f"--debian-archive: {release} answers {status} {reason}; is it an archive?")
