"""Images for another platform than the engine's: made without running anything of it."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from docker.errors import ImageNotFound
from rich.console import Console

from driving.containers import remove_images
from polykernel_builder import engine
from polykernel_builder.catalog import Tree
from polykernel_builder.debian import DEBIAN, Debian
from polykernel_builder.errors import EngineError
from polykernel_builder.image_archive import load_layer
from polykernel_builder.images import Builder, Options
from polykernel_builder.platforms import PLATFORMS, Platform, check_runs, engine_platform
from polykernel_builder.progress import progress
from support.trees import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

pytestmark = [pytest.mark.parametrize("lang", ["c"]), pytest.mark.deadline(60)]

ONE = "polykernel/trial-one"
TWO = "polykernel/trial-two"


@pytest.fixture
def client(lang: str) -> Iterator[DockerClient]:
    client = engine.connect().client
    client.images.get(f"polykernel/{lang}:latest")
    yield client
    client.close()


@pytest.fixture
def other(client: DockerClient) -> Iterator[Platform]:
    """A platform that is not the engine's, with a Debian that has no program in it."""
    (platform,) = set(PLATFORMS) - {engine_platform(client)}
    name = Debian(platform=platform).image
    try:
        client.images.get(name)
    except ImageNotFound:
        load_layer(client, a_layer(), name, platform.debian)
        yield platform
        client.images.remove(name, force=True)
    else:
        yield platform


@pytest.fixture
def tree(tmp_path: Path, client: DockerClient) -> Iterator[Tree]:
    manifest = 'title = "trial"\ndescription = "of a test"\n'
    write(
        tmp_path,
        {
            "images/trial-one/Dockerfile": f"FROM {DEBIAN}\nCOPY image.toml /one\n",
            "images/trial-one/image.toml": manifest,
            "images/trial-two/Dockerfile": (
                f"FROM {ONE}:latest AS a\nFROM scratch\n"
                f"COPY --from=a /one /two\nCOPY --from={ONE}:latest /one /three\n"
            ),
            "images/trial-two/image.toml": manifest,
        },
    )
    yield Tree(tmp_path)
    for name in (TWO, ONE):
        remove_images(client, name)


def a_layer() -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    stream.seek(0)
    return stream


def test_images_for_another_platform_are_beside_the_engines_own(
    tree: Tree, client: DockerClient, other: Platform
) -> None:
    before = client.images.get(DEBIAN).id
    debian = Debian(platform=other)
    options = Options(tag=other.debian, debian=debian)
    with progress(Console(stderr=True)) as shown:
        Builder(tree, client, shown, options).build([tree.images["trial-two"]])
    one, two = (client.images.get(f"{name}:{other.debian}") for name in (ONE, TWO))
    assert [image.attrs["Architecture"] for image in (one, two)] == [other.debian] * 2
    assert one.tags == [f"{ONE}:{other.debian}"]
    base = client.images.get(debian.image)
    assert one.labels["org.opencontainers.image.base.name"] == DEBIAN
    assert one.labels["org.opencontainers.image.base.digest"] == base.id
    assert one.attrs["RootFS"]["Layers"][:-1] == base.attrs["RootFS"]["Layers"]
    assert client.images.get(DEBIAN).id == before


def test_an_engine_runs_programs_of_its_own_platform(client: DockerClient) -> None:
    check_runs(client, engine_platform(client))
    assert client.images.list("polykernel/probe") == []


def test_an_engine_that_cannot_run_them_is_told_before_any_work(client: DockerClient) -> None:
    # A number that no processor has, whatever emulators there are.
    nobodys = replace(engine_platform(client), elf=0xFEED)
    with pytest.raises(EngineError, match="cannot run programs of linux/") as caught:
        check_runs(client, nobodys)
    assert "qemu-user-static" in str(caught.value)
    assert "docs/multi-arch.md" in str(caught.value)
    assert client.images.list("polykernel/probe") == []


def test_the_same_layer_is_the_same_image(client: DockerClient) -> None:
    name = "polykernel/trial-one:loaded"
    ids = set()
    for _ in range(2):
        load_layer(client, a_layer(), name, "arm64", created=1, labels={"a": "b"})
        image = client.images.get(name)
        ids.add(image.id)
        assert (image.attrs["Architecture"], image.labels) == ("arm64", {"a": "b"})
        assert image.attrs["Created"].startswith("1970-01-01T00:00:01")
        client.images.remove(name)
    assert len(ids) == 1
