"""What a manifest says of services: those on every image, and the ports of a language's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from polykernel_builder import toml

PortProtocol: TypeAlias = Literal["http", "tcp", "preopen", "pty"]

# Files of shared/runner/service-defs.
BUILTIN_SERVICES = ("sshd", "ttyd")
PORT_PROTOCOLS = ("http", "tcp", "preopen", "pty")
PORTS = range(1025, 65535)
# The runner's own, sshd's and ttyd's.
RESERVED_PORTS = frozenset({2000, 2001, 2002, 2003, 2200, 7681})


@dataclass(frozen=True, kw_only=True)
class ServicePort:
    name: str
    protocol: PortProtocol
    ports: tuple[int, ...]


def read_service_ports(tables: tuple[toml.Table, ...]) -> tuple[ServicePort, ...]:
    """The tables `service-ports`: names and ports unique, none that is kept for others."""
    services: list[ServicePort] = []
    for table in tables:
        protocol = table.text("protocol")
        if protocol not in PORT_PROTOCOLS:
            raise table.error("protocol", f"must be one of {', '.join(PORT_PROTOCOLS)}")
        name = table.text("name")
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or name in {s.name for s in services}:
            raise table.error("name", f"{name!r} must be lower case, without colons, and unique")
        if name in BUILTIN_SERVICES:
            raise table.error("name", f"{name!r} is a built-in service, with a port of its own")
        taken = {port for service in services for port in service.ports}
        ports = _ports(table, taken)
        services.append(
            ServicePort(name=name, protocol=cast("PortProtocol", protocol), ports=ports)
        )
        table.finish()
    return tuple(services)


def read_builtin_services(table: toml.Table) -> tuple[str, ...]:
    """The key `builtin-services`: all that there are unless it says which."""
    names = table.texts("builtin-services", BUILTIN_SERVICES)
    if len(set(names)) < len(names) or not set(names) <= set(BUILTIN_SERVICES):
        rule = f"may name each of {' and '.join(BUILTIN_SERVICES)} once"
        raise table.error("builtin-services", rule)
    return names


def _ports(table: toml.Table, taken: set[int]) -> tuple[int, ...]:
    ports = table.integers("ports")
    if not ports:
        raise table.error("ports", "must name at least one port")
    for index, port in enumerate(ports):
        if port not in PORTS:
            raise table.error("ports", f"{port} is not within {PORTS.start} to {PORTS.stop - 1}")
        if port in RESERVED_PORTS:
            raise table.error("ports", f"{port} is polykernel's own; choose another")
        if port in taken or port in ports[:index]:
            raise table.error("ports", f"{port} is named twice; each port can serve one purpose")
    return ports
