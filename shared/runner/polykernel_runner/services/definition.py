"""Service definitions: JSON parsed once, with errors that name the key; see docs/services.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ProtocolError, ServiceError
from polykernel_runner.protocol.apps import Argument
from polykernel_runner.protocol.json_object import JsonObject
from polykernel_runner.services import prestart, template
from polykernel_runner.services.prestart import Step, refuse_unknown

# Seconds.
START_TIMEOUT = 60.0
MOST_SECONDS = 1e6
# What names stand for in every definition, and what the client puts into a URL itself.
GIVEN = frozenset({"ports", "runtime_path"})
LEFT_TO_THE_CLIENT = frozenset({"protocol", "host", "port"})
_KEYS = {
    "command", "noop", "url_template", "prestart", "env", "allowed_envs", "allowed_arguments",
    "default_arguments", "credentials", "start_timeout",
}  # fmt: skip
_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDefinition:
    """How an app is started, and what a start may ask for.

    `credentials` are names of secrets to be made (None), or templates of what is told instead.
    `start_timeout` is in seconds.
    """

    name: str
    command: tuple[str, ...] = ()
    noop: bool = False
    url_template: str = ""
    prestart: tuple[Step, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    allowed_envs: tuple[str, ...] = ()
    allowed_arguments: tuple[str, ...] = ()
    default_arguments: Mapping[str, Argument] = field(default_factory=dict)
    credentials: Mapping[str, str | None] = field(default_factory=dict)
    start_timeout: float = START_TIMEOUT

    @property
    def secrets(self) -> list[str]:
        """The credentials that are to be made."""
        return [name for name, given in self.credentials.items() if given is None]

    def templates(self) -> Iterator[str]:
        """Give the texts of the command and its environment in which names are replaced."""
        yield from self.command
        for pair in self.env.items():
            yield from pair
        for name, value in self.default_arguments.items():
            yield from (name, *values_of(value))


def values_of(argument: Argument) -> tuple[str, ...]:
    """Return the words that follow an argument's name."""
    if argument is None:
        return ()
    return (argument,) if isinstance(argument, str) else argument


def parse(name: str, text: bytes) -> ServiceDefinition:
    """Parse the text of a definition file.

    Raises:
        ServiceError: it is none; the message names the key.
    """
    try:
        body = json.loads(text)
        # Half a surrogate pair can be written as \uD800, and is no text.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ServiceError(f"it is not JSON: {error}") from None
    try:
        definition = _parse(name, body)
    except ProtocolError as error:
        raise ServiceError(str(error)) from None
    check_names(definition)
    return definition


def _parse(name: str, body: Any) -> ServiceDefinition:
    top = JsonObject("the definition", body)
    refuse_unknown("the definition", body, _KEYS)
    noop = top.boolean("noop", False)
    command = top.texts("command")
    if not (command or noop):
        raise ProtocolError("the definition lacks 'command'; only with 'noop' it needs none")
    return ServiceDefinition(
        name=name,
        command=command,
        noop=noop,
        url_template=top.text("url_template", ""),
        prestart=tuple(
            prestart.parse(f"action {number} of 'prestart'", item)
            for number, item in enumerate(top.items("prestart"), 1)
        ),
        env=_each("env", top.mapping("env"), str),
        allowed_envs=top.texts("allowed_envs"),
        allowed_arguments=top.texts("allowed_arguments"),
        default_arguments={
            key: _argument(key, value) for key, value in top.mapping("default_arguments").items()
        },
        credentials=_each("credentials", top.mapping("credentials"), str | None),
        start_timeout=seconds("start_timeout", body.get("start_timeout", START_TIMEOUT)),
    )


def _each(key: str, given: Mapping[str, Any], kind: Any) -> Mapping[str, Any]:
    for name, value in given.items():
        if not isinstance(value, kind):
            raise ProtocolError(f"{name!r} in {key!r} is no text: {json.dumps(value):.80}")
    return given


def _argument(name: str, value: object) -> Argument:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ProtocolError(f"{name!r} in 'default_arguments' is null, a text or a list of texts")


def seconds(key: str, value: object) -> float:
    """Return a number of seconds; raise ProtocolError, naming the key, for what is none."""
    if not isinstance(value, int | float) or value is True or not 0 < value < MOST_SECONDS:
        raise ProtocolError(f"{key!r} is a number of seconds above 0, not {value!r:.80}")
    return float(value)


def check_names(definition: ServiceDefinition, given: frozenset[str] = GIVEN) -> None:
    """Find what would fail at every start: names that stand for nothing, or for two things.

    `given` are those of all actions and commands.

    Raises:
        ServiceError: there is one.
    """
    credentials = frozenset(definition.credentials)
    for name in credentials:
        _check_new(name, "credentials", given | LEFT_TO_THE_CLIENT)
    known = given | frozenset(definition.secrets)
    for number, step in enumerate(definition.prestart, 1):
        for text in step.templates():
            _check(f"action {number} of 'prestart'", text, known)
        if step.ref is not None:
            _check_new(step.ref, "prestart", given | credentials)
            known |= {step.ref}
    for told in definition.credentials.values():
        _check("'credentials'", told or "", known)
    known |= credentials
    for text in definition.templates():
        _check("the command or its environment", text, known)
    _check("'url_template'", definition.url_template, LEFT_TO_THE_CLIENT | credentials)


def _check_new(name: str, key: str, taken: frozenset[str]) -> None:
    if not _NAME.fullmatch(name):
        raise ServiceError(f"{name!r:.80} in {key!r} is no name of letters, digits, _ and -")
    if name in taken:
        raise ServiceError(f"{name!r} in {key!r} already stands for something else")


def _check(where: str, text: str, known: frozenset[str]) -> None:
    try:
        for name in template.names(text):
            template.check_known(name, known)
    except ServiceError as error:
        raise ServiceError(f"{where}: {error}") from None
