"""What an image's manifest says of services: their ports, and what `{runtime_path}` is."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, get_args

from polykernel_runner.dataclass import dataclass
from polykernel_runner.protocol import AppProtocol

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServicePorts:
    """Where a service is served, and how it is spoken to; the first port is the main one."""

    protocol: AppProtocol
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """Where there is no `runtime_path`, definitions that name it cannot be started."""

    runtime_path: str | None = None
    services: Mapping[str, ServicePorts] = field(default_factory=dict)


def read(manifest: Path, intrinsic: Mapping[str, int]) -> Image:
    """Read a manifest; `intrinsic` are the ports that the host may have moved.

    A manifest that cannot be read is said in the log and gives nothing.
    """
    if sys.version_info >= (3, 11):  # what the images have
        import tomllib
    else:
        import tomli as tomllib

    builtin = {
        "sshd": ServicePorts("tcp", (intrinsic["sshd"],)),
        "ttyd": ServicePorts("http", (intrinsic["ttyd"],)),
    }
    try:
        top = tomllib.loads(manifest.read_text(encoding="utf-8"))
        services = {item["name"]: _ports(item) for item in top.get("service-ports", ())}
        path = top["runtime"]["path"]
    except FileNotFoundError:
        return Image(services=builtin)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("%s says nothing of services: %s", manifest, error)
        return Image(services=builtin)
    return Image(str(path), {**services, **builtin})


def _ports(item: Mapping[str, Any]) -> ServicePorts:
    if item["protocol"] not in get_args(AppProtocol):
        raise ValueError(f"protocol {item['protocol']!r} is not known")
    return ServicePorts(item["protocol"], tuple(map(int, item["ports"])))
