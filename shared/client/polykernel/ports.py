"""Which ports of a container its apps listen at, and where they are reached."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polykernel.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SERVICE_PORTS_LABEL = "ai.backend.service-ports"
# On every image that does not leave them out, and in no label: their numbers are reserved.
BUILT_IN: Mapping[str, tuple[int, ...]] = {"sshd": (2200,), "ttyd": (7681,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where the ports of a container are reached: `host`, and its port for each of theirs."""

    host: str = "127.0.0.1"
    ports: Mapping[int, int] = field(default_factory=dict)
    services: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def address(self, service: str) -> tuple[str, int] | None:
        """Return host and port at which a service's first port is reached, if it is."""
        for port in self.services.get(service, ())[:1]:
            if port in self.ports:
                return self.host, self.ports[port]
        return None


def service_ports(label: str) -> dict[str, tuple[int, ...]]:
    """Parse Backend.AI's label: `name:protocol:port` or `name:protocol:[p1,p2]`, by commas."""
    found: dict[str, tuple[int, ...]] = dict(BUILT_IN)
    for name, ports in re.findall(r"([^:,\]]+):\w+:(\d+|\[[\d,]+\])", label):
        found[name] = tuple(map(int, re.findall(r"\d+", ports)))
    return found


def wanted(
    names: Iterable[str], known: Mapping[str, tuple[int, ...]], image: str
) -> tuple[int, ...]:
    """Return the ports of services.

    Raises:
        OptionError: the image has no such service.
    """
    for name in names:
        if name not in known:
            raise OptionError(f"{image} has no service {name!r}; it has {', '.join(sorted(known))}")
    return tuple(port for name in names for port in known[name])
