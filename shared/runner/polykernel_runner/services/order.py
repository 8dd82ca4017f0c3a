"""What a start asks for, held against what the definition and the image allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ServiceError
from polykernel_runner.protocol import Argument, StartService
from polykernel_runner.services.definition import ServiceDefinition, values_of
from polykernel_runner.services.image import ServicePorts
from polykernel_runner.services.template import Value, fill

# What ends the options of ttyd's own command; the command to show follows.
_COMMAND_FOLLOWS = "--"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A start that is allowed. `arguments` and `envs` are the client's.

    A `directory` is that of a model, whose server takes its time until it opens a port.
    """

    definition: ServiceDefinition
    ports: tuple[int, ...]
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    envs: Mapping[str, str] = field(default_factory=dict)
    directory: str | None = None

    @property
    def actions_key(self) -> str:
        """What the actions are called where they are defined."""
        return "prestart" if self.directory is None else "pre_start_actions"

    def argv(self, values: Mapping[str, Value]) -> tuple[str, ...]:
        """Return the command; raises ServiceError where a name stands for nothing."""
        arguments: dict[str, Argument] = {}
        for name, default in self.definition.default_arguments.items():
            words = tuple(fill(word, values) for word in values_of(default))
            arguments[fill(name, values)] = words
        arguments |= self.arguments
        command = [fill(word, values) for word in self.definition.command]
        for name, value in arguments.items():
            command += [name, *values_of(value)]
        return tuple(command)

    def env(self, values: Mapping[str, Value]) -> dict[str, str]:
        """Return the variables beside the container's; raises ServiceError as `argv` does."""
        own = {fill(k, values): fill(v, values) for k, v in self.definition.env.items()}
        return {**own, **self.envs}


def make_order(
    definition: ServiceDefinition,
    request: StartService,
    image: ServicePorts | None,
    fixed: Collection[str],
) -> Order:
    """Hold a request against its definition; `fixed` are the variables of the container.

    Raises:
        ServiceError: it asks for what is not allowed, or says no port where one is needed.
    """
    name = definition.name
    _refuse("argument", name, request.arguments, definition.allowed_arguments)
    _refuse("environment variable", name, request.envs, definition.allowed_envs)
    for env in request.envs:
        if env in fixed:
            raise ServiceError(
                f"environment variable {env!r} is set by the container and cannot be overwritten"
            )
    ports = request.ports or (image.ports if image else ())
    if not ports and not definition.noop:
        raise ServiceError(
            f"nobody said which port service {name!r} is to have: "
            "give one, or name it under [[service-ports]] in the image's manifest"
        )
    return Order(definition=definition, ports=ports, arguments=request.arguments, envs=request.envs)


def _refuse(what: str, service: str, asked: Iterable[str], allowed: tuple[str, ...]) -> None:
    for name in asked:
        if name not in allowed:
            raise ServiceError(
                f"{what} {name!r} is not allowed for service {service!r}; "
                f"allowed: {', '.join(allowed) or 'none'}"
            )


def on_terminal(definition: ServiceDefinition, ttyd: ServiceDefinition | None) -> ServiceDefinition:
    """Return the definition of a terminal in the browser that runs a service's command.

    It is ttyd's own definition up to the command that ttyd shows.

    Raises:
        ServiceError: there is no such definition of ttyd.
    """
    if ttyd is None or _COMMAND_FOLLOWS not in ttyd.command:
        raise ServiceError(
            f"service {definition.name!r} is a program for a terminal, and this image has no "
            f"definition of 'ttyd' with {_COMMAND_FOLLOWS!r} before the command that it shows"
        )
    options = ttyd.command[: ttyd.command.index(_COMMAND_FOLLOWS) + 1]
    return replace(
        definition,
        command=(*options, *definition.command),
        url_template=definition.url_template or ttyd.url_template,
        prestart=(*ttyd.prestart, *definition.prestart),
        env={**ttyd.env, **definition.env},
        credentials={**ttyd.credentials, **definition.credentials},
    )
