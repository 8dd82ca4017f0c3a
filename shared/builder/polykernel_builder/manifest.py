"""`language.toml`: what the builder, registries and tests must know of a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from polykernel_builder import toml
from polykernel_builder.comparison import KnownDifference
from polykernel_builder.services import ServicePort, read_builtin_services, read_service_ports

if TYPE_CHECKING:
    from pathlib import Path

Mode: TypeAlias = Literal["batch", "query"]

MODES: tuple[Mode, ...] = ("batch", "query")

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
class ContainerDefaults:
    """What our client asks for when it starts the image; sizes as Docker writes them."""

    memory: str
    processes: int
    tmpfs: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`modes` may be empty: such an image has services and nothing else."""

    title: str
    description: str
    modes: tuple[Mode, ...]
    jupyter: bool
    version: VersionQuestion
    resources: Resources
    runtime: Runtime
    service_ports: tuple[ServicePort, ...]
    builtin_services: tuple[str, ...]
    container: ContainerDefaults
    differences: tuple[KnownDifference, ...]


def load_manifest(path: Path) -> Manifest:
    """Parse `path`. Raises DefinitionError, which names the file and the key."""
    top = toml.load(path)
    manifest = Manifest(
        title=top.text("title"),
        description=top.text("description"),
        modes=read_modes(top, may_be_empty=True),
        jupyter=top.boolean("jupyter", default=False),
        version=_version(top.table("version")),
        resources=_resources(top.table("resources")),
        runtime=_runtime(top.table("runtime")),
        service_ports=read_service_ports(top.tables("service-ports")),
        builtin_services=read_builtin_services(top),
        container=_container(top.table("container", optional=True)),
        differences=read_differences(top),
    )
    top.finish()
    return manifest


def read_differences(top: toml.Table) -> tuple[KnownDifference, ...]:
    """The key `differences`: what is known to differ from build to build."""
    found = []
    for table in top.tables("differences"):
        found.append(KnownDifference(path=table.text("path"), reason=table.text("reason")))
        table.finish()
    return tuple(found)


def read_modes(table: toml.Table, *, may_be_empty: bool = False) -> tuple[Mode, ...]:
    """The key `modes`: each known, none twice."""
    modes = table.texts("modes")
    if not (modes or may_be_empty):
        raise table.error("modes", f"must name at least one of {' and '.join(MODES)}")
    if len(set(modes)) < len(modes) or not set(modes) <= set(MODES):
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
