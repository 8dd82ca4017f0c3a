"""Every label of an image, from its manifest, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polykernel_builder.manifest import Manifest
    from polykernel_builder.services import ServicePort

OCI = "org.opencontainers.image."
BACKEND = "ai.backend."
OWN = "ai.polykernel."

# On every image of ours, also on one that has lost its tags to a newer.
IMAGE = f"{OWN}image"
TOOLCHAIN_VERSION = f"{OWN}toolchain-version"
# The address of the dated archive that all Debian packages are from, where there is one.
DEBIAN_ARCHIVE = f"{OWN}debian-archive"
BASE_DISTRO = "debian13.0"
LICENSES = "Apache-2.0"
BASE_DIGEST = f"{OCI}base.digest"
RUNNER_FEATURES = ("uid-match", "user-input")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an image comes from. `created` is RFC 3339; what is not known is None."""

    version: str
    created: str
    base_name: str
    base_digest: str | None = None
    source: str | None = None
    revision: str | None = None
    debian_archive: str | None = None


def image_labels(name: str, title: str, description: str, origin: Origin) -> dict[str, str]:
    """What every image of ours has: the OCI labels, and its name below `polykernel/`."""
    labels = {
        "title": title,
        "description": description,
        "version": origin.version,
        "created": origin.created,
        "licenses": LICENSES,
        "source": origin.source,
        "revision": origin.revision,
        "base.name": origin.base_name,
        "base.digest": origin.base_digest,
    }
    known = {f"{OCI}{key}": value for key, value in labels.items() if value is not None}
    pinned = {DEBIAN_ARCHIVE: origin.debian_archive} if origin.debian_archive else {}
    return {**known, **pinned, IMAGE: name}


def language_labels(
    name: str, manifest: Manifest, toolchain_version: str, origin: Origin
) -> dict[str, str]:
    """The OCI labels, Backend.AI's and ours."""
    backend = {
        "kernelspec": "1",
        "role": "COMPUTE",
        "features": " ".join([*manifest.modes, *RUNNER_FEATURES]),
        "base-distro": BASE_DISTRO,
        "runtime-type": manifest.runtime.type,
        "runtime-path": manifest.runtime.path,
        "resource.min.cpu": str(manifest.resources.min_cpu),
        "resource.min.mem": manifest.resources.min_memory,
        "envs.corecount": ",".join(manifest.resources.core_count_env),
        "service-ports": ",".join(_service_port(service) for service in manifest.service_ports),
    }
    own = {
        "language": name,
        "container.memory": manifest.container.memory,
        "container.processes": str(manifest.container.processes),
        "container.tmpfs": manifest.container.tmpfs,
    }
    return {
        **image_labels(name, manifest.title, manifest.description, origin),
        **{f"{BACKEND}{key}": value for key, value in backend.items() if value},
        **{f"{OWN}{key}": value for key, value in own.items()},
        TOOLCHAIN_VERSION: toolchain_version,
    }


def _service_port(service: ServicePort) -> str:
    ports = ",".join(str(port) for port in service.ports)
    return f"{service.name}:{service.protocol}:{ports if len(service.ports) == 1 else f'[{ports}]'}"
