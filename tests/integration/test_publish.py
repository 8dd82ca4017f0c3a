"""`invoke push`, to a real registry: what arrives there, and what is said when it cannot."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from rich.console import Console

from driving.containers import docker, image
from driving.publishing import push
from driving.registries import registry, write_login
from driving.troubled import troubled
from polykernel_builder.catalog import Tree
from polykernel_builder.context import packed_dockerfile
from polykernel_builder.errors import RegistryError, UntestedError
from polykernel_builder.progress import progress
from polykernel_builder.publish import command
from polykernel_builder.publish.attachment import MANIFEST, attach
from polykernel_builder.publish.command import PushOptions
from polykernel_builder.publish.destination import parse_destination
from polykernel_builder.publish.registry import RegistryClient
from polykernel_builder.publish.tags import usual_tags
from polykernel_builder.publish.tested import TestRecord, recorded
from polykernel_builder.publish.upload import TRIES, Uploader
from support.trees import small_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

    from driving.registries import Registry
    from polykernel_builder.catalog import Language
    from polykernel_builder.progress import ImageReport

Capture: TypeAlias = pytest.CaptureFixture[str]

TREE = Tree.here()
TINY = "polykernel/tiny:latest"
SPDX = "application/spdx+json"
INDEX = "application/vnd.oci.image.index.v1+json"

# Of a small image, which every other shares most layers with.
pytestmark = [pytest.mark.parametrize("lang", ["bash"]), pytest.mark.deadline(180)]


@pytest.fixture(scope="module")
def open_registry() -> Iterator[Registry]:
    with registry() as started:
        yield started


@pytest.fixture
def digests(tmp_path: Path) -> Path:
    return tmp_path / "out" / "digests.json"


def test_what_was_pushed_is_there_under_all_its_tags(
    open_registry: Registry, lang: str, digests: Path
) -> None:
    host = open_registry.host
    done = push("--lang", lang, "--registry", host, "--untested", "--digests", str(digests))
    assert done.code == 0, done.err
    with docker() as client:
        local = client.images.get(image(lang))
        tags = usual_tags(local.labels)
        assert not [tag for tag in local.tags if tag.startswith(host)]
    repository = f"polykernel/{lang}"
    assert set(tags) < set(open_registry.get(f"{repository}/tags/list")["tags"])
    told = json.loads(digests.read_text())["images"][lang]
    assert done.out == f"{host}/{repository}@{told['digest']}\n" == told["reference"] + "\n"
    assert told["image_id"] == local.id
    for tag in tags:
        accept = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = open_registry.get(f"{repository}/manifests/{tag}", accept)
        assert manifest["config"]["digest"] == local.id


def test_the_inventory_is_beside_the_image(
    open_registry: Registry, lang: str, digests: Path
) -> None:
    host = open_registry.host
    done = push("--lang", lang, "--registry", host, "--untested", "--digests", str(digests))
    assert done.code == 0, done.err
    told = json.loads(digests.read_text())["images"][lang]
    repository = f"polykernel/{lang}"
    listed = open_registry.get(f"{repository}/manifests/{told['digest'].replace(':', '-')}", INDEX)
    (entry,) = listed["manifests"]
    assert (entry["artifactType"], entry["digest"]) == (SPDX, told["sbom"])
    manifest = open_registry.get(f"{repository}/manifests/{told['sbom']}", entry["mediaType"])
    assert manifest["subject"]["digest"] == told["digest"]
    document = open_registry.get(f"{repository}/blobs/{manifest['layers'][0]['digest']}")
    assert document["spdxVersion"].startswith("SPDX-2")
    packages = {package["name"]: package["versionInfo"] for package in document["packages"]}
    with docker() as client:
        asked = ["dpkg-query", "--show", "--showformat=${Version}\n", "libc6"]
        libc = client.containers.run(image(lang), entrypoint=asked, command=[], remove=True)
    assert packages["libc6"] == libc.decode().strip()
    assert "pyzmq" in packages


def test_a_second_push_uploads_nothing(open_registry: Registry, lang: str, digests: Path) -> None:
    words = ("--lang", lang, "--registry", open_registry.host, "--untested")
    first = push(*words, "--digests", str(digests))
    uploads = open_registry.uploads()
    second = push(*words, "--digests", str(digests))
    assert (second.code, second.out) == (0, first.out), second.err
    assert "; 0 layers uploaded, " in second.err
    assert uploads
    assert open_registry.uploads() == uploads


def test_a_tag_of_ones_own_leaves_the_others_alone(
    open_registry: Registry, lang: str, digests: Path
) -> None:
    host = f"{open_registry.host}/Team/nightly"
    words = ("--registry", host, "--tag", "nightly", "--tag", "n-7", "--digests", str(digests))
    done = push("--lang", lang, *words, "--untested")
    assert done.code == 0, done.err
    tags = open_registry.get(f"team/nightly/{lang}/tags/list")["tags"]
    assert {tag for tag in tags if not tag.startswith("sha256-")} == {"nightly", "n-7"}


@pytest.fixture
def tiny(tmp_path: Path, lang: str) -> Iterator[Language]:
    """A language of a tree of its own, whose image is `lang`'s with another label."""
    tree = small_tree(tmp_path / "tree")
    with docker() as client:
        relabel(client, lang, "first")
        yield tree.language("tiny")
        client.images.remove(TINY, noprune=True)


def relabel(client: DockerClient, lang: str, label: str) -> str:
    with packed_dockerfile(f"FROM {image(lang)}\n") as context:
        labels = {"a.test": label}
        built, _ = client.images.build(
            fileobj=context, custom_context=True, labels=labels, tag=TINY, rm=True
        )
    return str(built.id)


def test_only_an_image_that_passed_its_tests_is_pushed(
    open_registry: Registry, tiny: Language, lang: str, digests: Path, capsys: Capture
) -> None:
    destination = parse_destination(f"{open_registry.host}/tested")
    options = PushOptions(destination=destination, tags=("t",), digests=digests)
    with pytest.raises(UntestedError, match=r"the tests of tiny have not passed .*--untested"):
        command.push(tiny.tree, [tiny], options)
    with pytest.raises(UntestedError):
        command.push(tiny.tree, [tiny], replace(options, dry_run=True))
    assert f"{destination}/tiny:t" in capsys.readouterr().out
    with recorded(tiny.tree, [tiny], "a test") as outcome:
        outcome.code = 1
    with pytest.raises(UntestedError):
        command.push(tiny.tree, [tiny], options)
    with recorded(tiny.tree, [tiny], "a test") as outcome:
        outcome.code = 0
    command.push(tiny.tree, [tiny], replace(options, dry_run=True))
    assert not digests.exists()
    command.push(tiny.tree, [tiny], options)
    assert open_registry.get("tested/tiny/tags/list")["tags"].count("t") == 1
    with docker() as client:
        relabel(client, lang, "second")
    with pytest.raises(UntestedError):
        command.push(tiny.tree, [tiny], options)


def test_an_image_that_changed_during_its_tests_has_not_passed_them(
    tiny: Language, lang: str
) -> None:
    with recorded(tiny.tree, [tiny], "a test") as outcome, docker() as client:
        other = relabel(client, lang, "other")
        outcome.code = 0
    assert TestRecord(tiny.tree).find(other) is None


def test_tests_that_the_environment_narrows_prove_nothing(
    tiny: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    with recorded(tiny.tree, [tiny], "a test") as outcome:
        outcome.code = 0
    with docker() as client:
        assert TestRecord(tiny.tree).find(str(client.images.get(TINY).id)) is None


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_refused_login_is_one_line(
    lang: str, tmp_path: Path, digests: Path, password: str | None
) -> None:
    with registry(login=True) as closed:
        if password is not None:
            write_login(tmp_path / "config", closed.host, password)
        words = ("--registry", closed.host, "--untested", "--digests", str(digests))
        done = push("--lang", lang, *words, config=tmp_path / "config")
    assert (done.code, done.out) == (77, "")
    assert done.complaint.startswith(f"error: {closed.host} refuses ")
    assert done.complaint.endswith(f"docker login {closed.host}")


def test_the_login_is_dockers_own(lang: str, tmp_path: Path, digests: Path) -> None:
    with registry(login=True) as closed:
        write_login(tmp_path / "config", closed.host)
        words = ("--registry", closed.host, "--untested", "--digests", str(digests))
        done = push("--lang", lang, *words, config=tmp_path / "config")
    assert done.code == 0, done.err
    assert json.loads(digests.read_text())["images"][lang]["sbom"]


def test_a_full_registry_is_one_line_and_soon(lang: str, digests: Path) -> None:
    started = time.monotonic()
    with registry(room="3m") as full:
        done = push(
            "--lang", lang, "--registry", full.host, "--untested", "--digests", str(digests)
        )
    # The engine alone would go on trying for 50 s.
    assert time.monotonic() - started < 45
    assert (done.code, done.out) == (76, "")
    assert done.complaint.startswith(f"error: {full.host} has no room for ")


def test_an_unknown_host_is_one_line(lang: str, digests: Path) -> None:
    words = ("--registry", "registry.invalid", "--untested", "--digests", str(digests))
    done = push("--lang", lang, *words)
    assert (done.code, done.out) == (76, "")
    assert done.complaint.startswith("error: registry.invalid cannot be found: ")


def test_trouble_that_passes_is_waited_for(
    open_registry: Registry, lang: str, report: ImageReport
) -> None:
    waited: list[float] = []
    with docker() as client, troubled(open_registry.host, unavailable=2, broken=1) as host:
        destination = parse_destination(f"{host}/troubled")
        uploader = Uploader(client, destination, lambda: None, waited.append)
        image_id = str(client.images.get(image(lang)).id)
        pushed = uploader.push(image_id, destination.repository(lang), "t", report)
    assert waited == [1.0, 2.0, 4.0]
    assert open_registry.get(f"troubled/{lang}/tags/list")["tags"] == ["t"]
    assert pushed.digest.startswith("sha256:")


def test_the_inventory_comes_through_passing_trouble_too(
    open_registry: Registry, lang: str, report: ImageReport, tmp_path: Path
) -> None:
    document = tmp_path / "sbom.json"
    document.write_text("{}")
    name = f"inventory/{lang}"
    with docker() as client:
        uploader = Uploader(client, parse_destination(open_registry.host), lambda: None)
        image_id = str(client.images.get(image(lang)).id)
        pushed = uploader.push(image_id, f"{open_registry.host}/{name}", "t", report)
        info = client.info()
    with troubled(open_registry.host, unavailable=1, broken=1) as host:
        client_of = RegistryClient(parse_destination(host), f"{host}/{name}", info)
        with closing(client_of) as there:
            digest = attach(there, pushed.digest, document)
    manifest = open_registry.get(f"{name}/manifests/{digest}", MANIFEST)
    assert manifest["subject"]["digest"] == pushed.digest


def test_trouble_that_stays_is_told_in_the_end(lang: str, report: ImageReport) -> None:
    waited: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    destination = parse_destination(f"localhost:{port}")
    with docker() as client:
        uploader = Uploader(client, destination, lambda: None, waited.append)
        image_id = str(client.images.get(image(lang)).id)
        with pytest.raises(RegistryError, match=r"refused \(tried 5 times\)"):
            uploader.push(image_id, destination.repository(lang), "t", report)
    assert len(waited) == TRIES - 1


@pytest.fixture
def report() -> Iterator[ImageReport]:
    with progress(Console(stderr=True)) as shown, shown.image("image") as found:
        yield found
