"""`language.toml`: what the builder, registries and tests must know of a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from polykernel_builder import toml

if TYPE_CHECKING:
    from pathlib import Path

Mode: TypeAlias = Literal["batch", "query"]
PortProtocol: TypeAlias = Literal["http", "tcp", "preopen", "pty"]

MODES = ("batch", "query")
PORT_PROTOCOLS = ("http", "tcp", "preopen", "pty")
PORTS = range(1025, 65535)
# The runner's own, sshd's and ttyd's.
RESERVED_PORTS = frozenset({2000, 2001, 2002, 2003, 2200, 7681})

_SIZE = re.compile(r"[1-9]\d*[kmg]")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class VersionQuestion:
    """How to ask an image for its toolchain's version: `pattern`'s first group in the output."""

    command: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The least a session needs; `min_memory` as Docker writes sizes, such as `256m`."""

    min_cpu: int
    min_memory: str
    core_count_env: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Runtime:
    type: str
    path: str


@dataclass(frozen=True, kw_only=True)
class ServicePort:
    name: str
    protocol: PortProtocol
    ports: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ContainerDefaults:
    """What our client asks for when it starts the image; sizes as Docker writes them."""

    memory: str
    processes: int
    tmpfs: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    title: str
    description: str
    modes: tuple[Mode, ...]
    jupyter: bool
    version: VersionQuestion
    resources: Resources
    runtime: Runtime
    service_ports: tuple[ServicePort, ...]
    container: ContainerDefaults


def load_manifest(path: Path) -> Manifest:
    """Parse `path`. Raises DefinitionError, which names the file and the key."""
    top = toml.load(path)
    manifest = Manifest(
        title=top.text("title"),
        description=top.text("description"),
        modes=read_modes(top),
        jupyter=top.boolean("jupyter", default=False),
        version=_version(top.table("version")),
        resources=_resources(top.table("resources")),
        runtime=_runtime(top.table("runtime")),
        service_ports=_service_ports(top.tables("service-ports")),
        container=_container(top.table("container", optional=True)),
    )
    top.finish()
    return manifest


def read_modes(table: toml.Table) -> tuple[Mode, ...]:
    """The key `modes`: at least one, each known, none twice."""
    modes = table.texts("modes")
    if not modes or len(set(modes)) < len(modes) or not set(modes) <= set(MODES):
        raise table.error("modes", f"must name each of {' and '.join(MODES)} at most once")
    return cast("tuple[Mode, ...]", modes)


def _version(table: toml.Table) -> VersionQuestion:
    command = table.texts("command")
    if not command:
        raise table.error("command", "must name a program to run in the image")
    source = table.text("pattern")
    try:
        pattern = re.compile(source)
    except re.error as error:
        raise table.error("pattern", f"is not a regular expression: {error}") from error
    if pattern.groups != 1:
        raise table.error("pattern", "must have one group, around the version")
    table.finish()
    return VersionQuestion(command=command, pattern=pattern)


def _resources(table: toml.Table) -> Resources:
    names = table.texts("core-count-env", ())
    for name in names:
        if not _ENVIRONMENT_NAME.fullmatch(name):
            raise table.error("core-count-env", f"{name!r} cannot name an environment variable")
    cpu = table.integer("min-cpu")
    resources = Resources(
        min_cpu=table.checked("min-cpu", cpu, lambda count: count >= 1, "must be 1 or more"),
        min_memory=_size(table, "min-memory"),
        core_count_env=names,
    )
    table.finish()
    return resources


def _runtime(table: toml.Table) -> Runtime:
    path = table.text("path")
    runtime = Runtime(
        type=table.text("type"),
        path=table.checked("path", path, lambda text: text.startswith("/"), "must be absolute"),
    )
    table.finish()
    return runtime


def _service_ports(tables: tuple[toml.Table, ...]) -> tuple[ServicePort, ...]:
    services: list[ServicePort] = []
    for table in tables:
        protocol = table.text("protocol")
        if protocol not in PORT_PROTOCOLS:
            raise table.error("protocol", f"must be one of {', '.join(PORT_PROTOCOLS)}")
        name = table.text("name")
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or name in {s.name for s in services}:
            raise table.error("name", f"{name!r} must be lower case, without colons, and unique")
        taken = {port for service in services for port in service.ports}
        ports = _ports(table, taken)
        services.append(
            ServicePort(name=name, protocol=cast("PortProtocol", protocol), ports=ports)
        )
        table.finish()
    return tuple(services)


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


def _container(table: toml.Table) -> ContainerDefaults:
    processes = table.integer("processes", 256)
    defaults = ContainerDefaults(
        memory=_size(table, "memory", "1g"),
        processes=table.checked("processes", processes, lambda n: n >= 1, "must be 1 or more"),
        tmpfs=_size(table, "tmpfs", "512m"),
    )
    table.finish()
    return defaults


def _size(table: toml.Table, key: str, default: str | None = None) -> str:
    text = table.text(key, default)
    return table.checked(
        key, text, lambda size: bool(_SIZE.fullmatch(size)), "must be like 256m or 1g"
    )
