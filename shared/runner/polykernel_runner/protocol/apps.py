"""Apps and model servers: start, list, shut down, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from polykernel_runner.dataclass import dataclass

AppProtocol: TypeAlias = Literal["tcp", "http", "preopen", "pty"]
ServiceStatus: TypeAlias = Literal["started", "running", "failed"]
Argument: TypeAlias = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartService:
    """Start an app. Without ports or a protocol the image's own are meant.

    `arguments` are command line options and their values (None: the option alone).
    """

    name: str
    ports: tuple[int, ...] = ()
    protocol: AppProtocol | None = None
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    envs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShutdownService:
    """Stop an app, or a model server."""

    name: str


@dataclass(frozen=True, slots=True)
class GetApps:
    """List the service definitions: the one of that name, or with an empty one all."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class StartModelService:
    """Start and watch a model server; `service` is what its definition file says."""

    name: str
    model_path: str
    service: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """What became of a start.

    `error` says why it failed. `credentials` are what the app asks for: generated, one set for
    each app of a kernel.
    """

    status: ServiceStatus
    error: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelServiceResult:
    """What became of the start of a model server."""

    status: ServiceStatus
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ModelServiceStatus:
    """A model server has become healthy, or unhealthy."""

    model_name: str
    is_healthy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What can be started, and with which arguments and variables."""

    name: str
    url_template: str | None = None
    allowed_arguments: tuple[str, ...] = ()
    allowed_envs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppsResult:
    """The apps that there are."""

    apps: tuple[App, ...]


AppRequest: TypeAlias = StartService | ShutdownService | GetApps | StartModelService
AppRecord: TypeAlias = ServiceResult | ModelServiceResult | ModelServiceStatus | AppsResult
