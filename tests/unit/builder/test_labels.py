from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_builder.labels import Origin, image_labels, language_labels

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree

ORIGIN = Origin(
    version="1.2.3",
    created="2026-01-02T03:04:05Z",
    base_name="debian:trixie-slim",
    base_digest="sha256:00",
    source="https://example.org/polykernel",
    revision="abc",
)


def test_a_language_has_all_that_registries_read(tree: Tree) -> None:
    path = tree.language("tiny").directory / "language.toml"
    text = path.read_text()
    text = text.replace('"256m"', '"256m"\ncore-count-env = ["OMP_NUM_THREADS", "X"]')
    text += '[[service-ports]]\nname = "web"\nprotocol = "http"\nports = [8080]\n'
    text += '[[service-ports]]\nname = "more"\nprotocol = "tcp"\nports = [9000, 9001]\n'
    path.write_text(text)
    assert language_labels("tiny", tree.language("tiny").manifest, "7.1", ORIGIN) == {
        "org.opencontainers.image.title": "Tiny",
        "org.opencontainers.image.description": "A tiny language",
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.source": "https://example.org/polykernel",
        "org.opencontainers.image.revision": "abc",
        "org.opencontainers.image.base.name": "debian:trixie-slim",
        "org.opencontainers.image.base.digest": "sha256:00",
        "ai.backend.kernelspec": "1",
        "ai.backend.role": "COMPUTE",
        "ai.backend.features": "batch query uid-match user-input",
        "ai.backend.base-distro": "debian13.0",
        "ai.backend.runtime-type": "tiny",
        "ai.backend.runtime-path": "/usr/bin/tiny",
        "ai.backend.resource.min.cpu": "1",
        "ai.backend.resource.min.mem": "256m",
        "ai.backend.envs.corecount": "OMP_NUM_THREADS,X",
        "ai.backend.service-ports": "web:http:8080,more:tcp:[9000,9001]",
        "ai.polykernel.image": "tiny",
        "ai.polykernel.language": "tiny",
        "ai.polykernel.container.memory": "1g",
        "ai.polykernel.container.processes": "256",
        "ai.polykernel.container.tmpfs": "512m",
        "ai.polykernel.toolchain-version": "7.1",
    }


def test_what_is_not_known_has_no_label() -> None:
    origin = Origin(version="1", created="now", base_name="scratch")
    labels = image_labels("base", "Base", "What others build on", origin)
    assert "org.opencontainers.image.revision" not in labels
    assert "org.opencontainers.image.source" not in labels
    assert labels["org.opencontainers.image.base.name"] == "scratch"
    assert labels["ai.polykernel.image"] == "base"


def test_a_dated_archive_is_told_of_images_and_languages(tree: Tree) -> None:
    url = "http://example.org/debian/20261101T000000Z"
    origin = Origin(version="1", created="now", base_name="scratch", debian_archive=url)
    manifest = tree.language("tiny").manifest
    for labels in (
        image_labels("base", "Base", "It", origin),
        language_labels("tiny", manifest, "1", origin),
    ):
        assert labels["ai.polykernel.debian-archive"] == url
    assert "ai.polykernel.debian-archive" not in image_labels("base", "Base", "It", ORIGIN)
