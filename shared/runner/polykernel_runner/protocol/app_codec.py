"""The frames of what concerns apps and model servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast, get_args

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol.apps import (
    App,
    AppProtocol,
    AppRecord,
    AppRequest,
    AppsResult,
    Argument,
    GetApps,
    ModelServiceResult,
    ModelServiceStatus,
    ServiceResult,
    ServiceStatus,
    ShutdownService,
    StartModelService,
    StartService,
)
from polykernel_runner.protocol.json_object import JsonObject, encode_json, parse_json

_PROTOCOLS = get_args(AppProtocol)


def _start_service(payload: bytes) -> StartService:
    body = JsonObject("'start-service'", parse_json("start-service", payload))
    options = JsonObject("'options'", body.mapping("options"))
    protocol = body.optional_text("protocol")
    if protocol is not None and protocol not in _PROTOCOLS:
        raise ProtocolError(f"a service's protocol is {', '.join(_PROTOCOLS)}, not {protocol!r}")
    envs = options.mapping("envs")
    if not all(isinstance(value, str) and "\0" not in value for value in envs.values()):
        raise ProtocolError("'envs' of a service are texts without NUL")
    return StartService(
        name=body.text("name"),
        ports=_ports(body),
        protocol=cast("AppProtocol | None", protocol),
        arguments={
            name: _argument(name, value) for name, value in options.mapping("arguments").items()
        },
        envs=envs,
    )


def _ports(body: JsonObject) -> tuple[int, ...]:
    first = body.optional_number("port")
    ports = tuple(body.items("ports")) or (() if first is None else (first,))
    if not all(type(port) is int and 0 < port < 65536 for port in ports):
        raise ProtocolError(f"ports are numbers from 1 to 65535, not {list(ports)!r:.80}")
    return ports


def _argument(name: str, value: object) -> Argument:
    if value is None:
        return None
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and "\0" not in item for item in values):
        raise ProtocolError(f"argument {name!r} of a service is null, a text or a list of texts")
    return tuple(map(str, values)) if isinstance(value, list) else str(value)


def _shutdown_service(payload: bytes) -> ShutdownService:
    name = parse_json("shutdown-service", payload)
    if not isinstance(name, str):
        raise ProtocolError(f"'shutdown-service' takes a name as a JSON string, not {name!r:.80}")
    return ShutdownService(name)


def _start_model_service(payload: bytes) -> StartModelService:
    body = JsonObject("'start-model-service'", parse_json("start-model-service", payload))
    return StartModelService(body.text("name"), body.text("model_path"), body.mapping("service"))


def _service_result(payload: bytes) -> ServiceResult:
    body = JsonObject("'service-result'", parse_json("service-result", payload))
    credentials = body.texts_by_name("credentials")
    return ServiceResult(_status(body), body.optional_text("error"), credentials)


def _model_service_result(payload: bytes) -> ModelServiceResult:
    body = JsonObject("'model-service-result'", parse_json("model-service-result", payload))
    return ModelServiceResult(_status(body), body.optional_text("error"))


def _status(body: JsonObject) -> ServiceStatus:
    status = body.text("status")
    return cast("ServiceStatus", status if status in ("started", "running") else "failed")


def _model_service_status(payload: bytes) -> ModelServiceStatus:
    body = JsonObject("'model-service-status'", parse_json("model-service-status", payload))
    return ModelServiceStatus(body.text("model_name"), body.boolean("is_healthy"))


def _apps_result(payload: bytes) -> AppsResult:
    body = JsonObject("'apps-result'", parse_json("apps-result", payload))
    apps = [JsonObject("an app", item) for item in body.items("data")]
    return AppsResult(
        tuple(
            App(
                name=app.text("name"),
                url_template=app.optional_text("url_template"),
                allowed_arguments=app.texts("allowed_arguments"),
                allowed_envs=app.texts("allowed_envs"),
            )
            for app in apps
        )
    )


REQUESTS: Mapping[bytes, Callable[[bytes], AppRequest]] = {
    b"start-service": _start_service,
    b"shutdown-service": _shutdown_service,
    b"get-apps": lambda payload: GetApps(payload.decode()),
    b"start-model-service": _start_model_service,
}
RECORDS: Mapping[bytes, Callable[[bytes], AppRecord]] = {
    b"service-result": _service_result,
    b"model-service-result": _model_service_result,
    b"model-service-status": _model_service_status,
    b"apps-result": _apps_result,
}


def encode_request(request: AppRequest) -> tuple[bytes, bytes]:
    """Return type and payload of a request."""
    match request:
        case StartService():
            body: dict[str, object] = {
                "name": request.name,
                "options": {"arguments": dict(request.arguments), "envs": dict(request.envs)},
            }
            if request.ports:
                body |= {"port": request.ports[0], "ports": request.ports}
            if request.protocol is not None:
                body["protocol"] = request.protocol
            return b"start-service", encode_json(body)
        case ShutdownService():
            return b"shutdown-service", encode_json(request.name)
        case GetApps():
            return b"get-apps", request.name.encode()
        case StartModelService():
            return b"start-model-service", encode_json(
                {
                    "name": request.name,
                    "model_path": request.model_path,
                    "service": dict(request.service),
                }
            )


def encode_record(record: AppRecord) -> tuple[bytes, bytes]:
    """Return type and payload of a record."""
    match record:
        case ServiceResult() | ModelServiceResult():
            body: dict[str, object] = {"status": record.status}
            if record.error is not None:
                body["error"] = record.error
            if isinstance(record, ModelServiceResult):
                return b"model-service-result", encode_json(body)
            if record.credentials:
                body["credentials"] = dict(record.credentials)
            return b"service-result", encode_json(body)
        case ModelServiceStatus():
            return b"model-service-status", encode_json(
                {"model_name": record.model_name, "is_healthy": record.is_healthy}
            )
        case AppsResult():
            apps = [_encode_app(app) for app in record.apps]
            return b"apps-result", encode_json({"status": "done", "data": apps})


def _encode_app(app: App) -> dict[str, object]:
    body: dict[str, object] = {"name": app.name}
    if app.url_template:
        body["url_template"] = app.url_template
    if app.allowed_arguments:
        body["allowed_arguments"] = app.allowed_arguments
    if app.allowed_envs:
        body["allowed_envs"] = app.allowed_envs
    return body
