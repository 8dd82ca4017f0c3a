"""What a start of a model server says: parsed once, with errors that name the key."""

from __future__ import annotations

import shlex
import string
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import StartModelService
from polykernel_runner.protocol.json_object import JsonObject
from polykernel_runner.services import prestart
from polykernel_runner.services.definition import GIVEN, ServiceDefinition, check_names, seconds

# What Backend.AI takes where a model's definition file does not say.
MAX_RETRIES = 10
MAX_WAIT_TIME = 15.0  # seconds
EXPECTED_STATUS_CODE = 200
# Seconds. The agent's own patience ends long before; a download may take its time.
ACTIONS_TIME = 3600.0
# What a name stands for here and not in other services.
MODEL_PATH = "model_path"
_REQUEST_TARGET = string.punctuation.replace("#", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A GET of a path. `max_wait_time` is in seconds: for one check, and from one to the next."""

    path: str
    max_retries: int
    max_wait_time: float
    expected_status_code: int

    @property
    def time_to_fail(self) -> float:
        """Seconds for which failures are put up with."""
        return self.max_retries * self.max_wait_time


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDefinition:
    """A model server. Its service has the original's name, the model's and its port."""

    name: str
    model_path: str
    port: int
    health_check: HealthCheck | None
    service: ServiceDefinition


def parse(request: StartModelService) -> ModelDefinition:
    """Parse what a request says.

    Raises:
        ProtocolError: it lacks something, or a value is of a wrong kind; the text names the key.
        ServiceError: a name in it stands for nothing.
    """
    body = JsonObject("'service'", request.service)
    port = body.number("port")
    if not 0 < port < 65536:
        raise ProtocolError(f"'port' of 'service' is a number from 1 to 65535, not {port}")
    health = body.mapping("health_check")
    service = ServiceDefinition(
        name=f"{request.name}-{port}",
        command=_command(request.service.get("start_command")),
        prestart=tuple(
            prestart.parse(f"action {number} of 'pre_start_actions'", item)
            for number, item in enumerate(body.items("pre_start_actions"), 1)
        ),
        start_timeout=ACTIONS_TIME,
    )
    check_names(service, GIVEN | {MODEL_PATH})
    return ModelDefinition(
        name=request.name,
        model_path=request.model_path,
        port=port,
        health_check=_health_check(health) if health else None,
        service=service,
    )


def _command(value: object) -> tuple[str, ...]:
    words: object = value
    if isinstance(value, str):
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise ProtocolError(f"'start_command' cannot be split into words: {error}") from None
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
        return tuple(words)
    raise ProtocolError(f"'start_command' is a text or a list of texts, not {value!r:.80}")


def _health_check(given: Mapping[str, Any]) -> HealthCheck:
    body = JsonObject("'health_check'", given)
    path = body.text("path")
    if not path.startswith("/"):
        raise ProtocolError(f"'path' of 'health_check' begins with '/', unlike {path!r:.80}")
    retries = body.number("max_retries", MAX_RETRIES)
    if retries < 0:
        raise ProtocolError(f"'max_retries' of 'health_check' is not below 0, as {retries} is")
    status = body.number("expected_status_code", EXPECTED_STATUS_CODE)
    if not 200 <= status < 600:
        raise ProtocolError(
            f"'expected_status_code' of 'health_check' is from 200 to 599, not {status}"
        )
    wait = given.get("max_wait_time")
    return HealthCheck(
        path=quote(path, safe=_REQUEST_TARGET),
        max_retries=retries,
        max_wait_time=seconds("max_wait_time", MAX_WAIT_TIME if wait is None else wait),
        expected_status_code=status,
    )
