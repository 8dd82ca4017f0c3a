"""Images from a dated archive of Debian: all their packages are from there, and they say so."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from docker.errors import ImageNotFound
from rich.console import Console

from driving.debian_archive import dated_archive
from polykernel_builder import base_image, engine
from polykernel_builder.catalog import Tree
from polykernel_builder.debian import DEBIAN, Debian, parse_archive
from polykernel_builder.images import Builder, Options
from polykernel_builder.progress import progress

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.parametrize("lang", ["c"]), pytest.mark.deadline(400)]

# What languages do that take packages of another suite.
LOOK = """
set -e
/opt/polykernel/bin/add-suite bullseye
cat /etc/apt/sources.list /etc/apt/sources.list.d/*
apt-get update -qq
apt-cache madison libmpfr6
"""


@pytest.fixture
def stamp() -> str:
    """A time that nobody else's images are of."""
    seconds = uuid4().int % (365 * 24 * 3600)
    time = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    return f"{time:%Y%m%dT%H%M%SZ}"


@pytest.fixture
def found() -> Iterator[engine.Engine]:
    found = engine.connect()
    yield found
    found.client.close()


@pytest.fixture
def tag(stamp: str, found: engine.Engine) -> Iterator[str]:
    """What the test's images are tagged with; they are removed when it is over."""
    yield f"trial-{stamp.lower()}"
    for name in (f"polykernel/base:trial-{stamp.lower()}", f"polykernel/debian:{stamp}"):
        try:
            found.client.images.remove(name, force=True)
        except ImageNotFound:
            continue


def test_all_packages_come_from_the_archive(
    lang: str, stamp: str, tag: str, found: engine.Engine
) -> None:
    tree, client = Tree.here(), found.client
    client.images.get(f"polykernel/{lang}:latest")
    usual = [client.images.get(name).id for name in (DEBIAN, "polykernel/base:latest")]
    with dated_archive(client, stamp) as archive:
        debian = Debian(archive=parse_archive(archive.url))
        ids = set()
        for _ in range(2):
            base_image.ensure(tree, found, print, debian)
            ids.add(client.images.get(debian.image).id)
            client.images.remove(debian.image, force=True)
        assert len(ids) == 1, "the same archive gave two images"

        base_image.ensure(tree, found, print, debian)
        with progress(Console(stderr=True)) as shown:
            options = Options(tag=tag, debian=debian)
            Builder(tree, client, shown, options).build([tree.images["base"]])
        image = client.images.get(f"polykernel/base:{tag}")
        output = client.containers.run(
            image, ["-c", LOOK], entrypoint="sh", user="root", remove=True
        ).decode()

    asked = "\n".join(archive.asked)
    for package in ("libc6", "apt", "python3", "tini", "ttyd", "dropbear-bin"):
        assert re.search(rf"^debian/{stamp}/pool/.*/{package}_[^/]*\.deb$", asked, re.MULTILINE)
    for suite in ("trixie", "forky", "bullseye"):
        assert f"debian/{stamp}/dists/{suite}/InRelease" in archive.asked
    assert image.labels["ai.polykernel.debian-archive"] == archive.url
    assert image.labels["org.opencontainers.image.base.name"] == DEBIAN
    sources = [line for line in output.splitlines() if line.startswith("deb ")]
    assert f"deb [check-valid-until=no] {archive.url} trixie main" in sources
    host = archive.url.partition("debian/")[0]
    assert all(f" {host}" in line for line in sources)
    assert re.search(rf"libmpfr6 \|\s+\S+ \| {re.escape(archive.url)} bullseye/main", output)
    assert usual == [client.images.get(name).id for name in (DEBIAN, "polykernel/base:latest")]
