"""An inventory beside its image in the registry, where the tools for artifacts look for one.

A manifest of its own that names the image as its subject. Registries that do not list those
themselves get the list under a tag, `sha256-<digest>`:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
"""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

from polykernel_builder.publish.sbom import MEDIA_TYPE

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.publish.registry import RegistryClient

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
EMPTY = b"{}"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
TITLE = "org.opencontainers.image.title"

# As the specification of OCI images has it: mediaType, digest, size, and more.
Descriptor: TypeAlias = dict[str, Any]


def attach(registry: RegistryClient, image_digest: str, document: Path) -> str:
    """Bring `document` to the image of that digest, unless it is there.

    Returns its manifest's digest.
    """
    subject = _subject(registry, image_digest)
    data = document.read_bytes()
    layer = {**_descriptor(MEDIA_TYPE, data), "annotations": {TITLE: "sbom.spdx.json"}}
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": MEDIA_TYPE,
        "config": _descriptor(EMPTY_TYPE, EMPTY),
        "layers": [layer],
        "subject": subject,
    }
    body = _encoded(manifest)
    descriptor = {**_descriptor(MANIFEST, body), "artifactType": MEDIA_TYPE}
    if registry.request("HEAD", f"manifests/{descriptor['digest']}", Accept=MANIFEST).ok:
        listed = False
    else:
        registry.upload(layer["digest"], data)
        registry.upload(_digest(EMPTY), EMPTY)
        put = registry.request(
            "PUT", f"manifests/{descriptor['digest']}", body, Content_Type=MANIFEST
        )
        listed = "OCI-Subject" in registry.expect(put).headers
    if not listed:
        _list(registry, image_digest, descriptor)
    return str(descriptor["digest"])


def _subject(registry: RegistryClient, digest: str) -> Descriptor:
    accepted = f"{MANIFEST}, {DOCKER_MANIFEST}"
    answer = registry.expect(registry.request("GET", f"manifests/{digest}", Accept=accepted))
    media_type = answer.headers["Content-Type"].partition(";")[0]
    return _descriptor(media_type, answer.body)


def _list(registry: RegistryClient, image_digest: str, descriptor: Descriptor) -> None:
    if registry.request("GET", f"referrers/{image_digest}").ok:
        return
    tag = image_digest.replace(":", "-")
    answer = registry.request("GET", f"manifests/{tag}", Accept=INDEX)
    listed: list[Descriptor] = []
    if answer.status != HTTPStatus.NOT_FOUND:
        listed = json.loads(registry.expect(answer).body)["manifests"]
    if all(each["digest"] != descriptor["digest"] for each in listed):
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*listed, descriptor]}
        registry.expect(
            registry.request("PUT", f"manifests/{tag}", _encoded(index), Content_Type=INDEX)
        )


def _descriptor(media_type: str, data: bytes) -> Descriptor:
    return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
