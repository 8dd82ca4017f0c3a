"""One container, from its creation to its removal. Blocking: meant for threads."""

from __future__ import annotations

import secrets
import signal
from contextlib import ExitStack, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from polykernel import owner
from polykernel.engine import Engine, docker_errors
from polykernel.errors import EngineError, KernelDiedError, OptionError
from polykernel.hardening import host_config
from polykernel.network import closed_network
from polykernel.ports import SERVICE_PORTS_LABEL, Published, service_ports, wanted
from polykernel.tether import Tether
from polykernel.transport import IpcTransport, TcpTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polykernel.endpoint import Endpoint
    from polykernel.options import StartOptions
    from polykernel.transport import ContainerTransport

KERNEL_LABEL = "ai.polykernel.kernel"
OWNER_LABEL = "ai.polykernel.owner"
KILLED = 128 + signal.SIGKILL


class Container:
    """A kernel's container; `remove` may be called at any time, also after a `start` that failed.

    `on_end` is called in a thread when the container ends by itself.
    """

    def __init__(self, options: StartOptions, on_end: Callable[[], None]) -> None:
        self._options = options
        self._on_end = on_end
        # Known before the engine hears of it, so that it can always be removed.
        self.name = f"polykernel-{options.language}-{secrets.token_hex(6)}"
        self._engine: Engine | None = None
        self._transport: ContainerTransport | None = None
        self._tether: Tether | None = None

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines that the container itself wrote."""
        return self._tether.last_words if self._tether else ()

    def start(self) -> tuple[Endpoint, Published]:
        """Create and start it; return where it will listen, and where its apps are reached.

        Raises:
            EngineNotFoundError, ImageNotFoundError, EngineError: as they say.
            OptionError: what is asked for cannot be had from this engine.
        """
        self._engine = engine = Engine()
        labels = engine.image_labels(self._options.image_name, self._image_advice())
        info = engine.info()
        self._transport = transport = self._choose_transport(engine, info)
        services = service_ports(labels.get(SERVICE_PORTS_LABEL, ""))
        ports = {
            *wanted(self._options.services, services, self._options.image_name),
            *self._options.ports,
        }
        self._create(engine, transport, labels, info, {*ports, *transport.ports()})
        transport.fill(self.name)
        with docker_errors():
            self._tether = Tether(engine.api, self.name, self._on_end)
            engine.api.start(self.name)
        # Meanwhile it starts.
        self._remove_leftovers(engine)
        try:
            return transport.endpoint(self.name), Published(
                host=engine.published_at()[1],
                ports=engine.published(self.name, ports),
                services=services,
            )
        except EngineError as error:
            raise self.death() from error

    def _image_advice(self) -> str:
        if self._options.image:
            return "pull or build it, or leave `image` out"
        return f"build it with: invoke build --lang {self._options.language}"

    def _choose_transport(self, engine: Engine, info: Mapping[str, Any]) -> ContainerTransport:
        options = self._options
        shares = engine.shares_directories(info)
        if options.workdir and not engine.host.startswith("unix:"):
            raise OptionError(f"the engine at {engine.host} cannot mount a workdir of this machine")
        if options.transport == "ipc" and not shares:
            raise OptionError(
                f"the engine at {engine.host} does not share directories with sockets with this"
                " machine; use transport='tcp'"
            )
        if options.transport == "ipc" and not options.separated:
            raise OptionError(
                "with this user or workdir programs would have the uid that owns the sockets, and"
                " could open them; use transport='tcp'"
            )
        if options.transport != "tcp" and shares and options.separated:
            return IpcTransport()
        return TcpTransport(engine, user=options.user)

    def _create(
        self,
        engine: Engine,
        transport: ContainerTransport,
        labels: Mapping[str, str],
        info: Mapping[str, Any],
        ports: set[int],
    ) -> None:
        options = self._options
        ours = {KERNEL_LABEL: "1", OWNER_LABEL: owner.this_process()}
        settings = host_config(options, labels, info)
        with docker_errors():
            engine.api.create_container(
                options.image_name,
                name=self.name,
                user=None if options.user is None else "{}:{}".format(*options.user),
                environment={**self._environment(), **options.env},
                labels={key: value for key, value in ours.items() if value},
                stdin_open=True,
                ports=sorted(ports),
                host_config=engine.api.create_host_config(
                    **settings,
                    **transport.host_config(),
                    network_mode=self._network(engine, ports),
                    port_bindings=dict.fromkeys(ports, (engine.published_at()[0], None)),
                ),
                **transport.container(),
            )

    def _network(self, engine: Engine, ports: set[int]) -> str:
        if self._options.network:
            return "bridge"
        return closed_network(engine) if ports else "none"

    def _environment(self) -> dict[str, str]:
        uid, gid = self._options.program_user
        return {
            "POLYKERNEL_TETHER": "stdin",
            "LOCAL_USER_ID": str(uid),
            "LOCAL_GROUP_ID": str(gid),
        }

    def _remove_leftovers(self, engine: Engine) -> None:
        """Remove containers whose client was killed between creating and starting them."""
        with docker_errors():
            found = engine.api.containers(
                all=True, filters={"label": f"{KERNEL_LABEL}=1", "status": "created"}
            )
        for container in found:
            if owner.is_gone(container["Labels"].get(OWNER_LABEL)):
                _remove(engine, container["Id"])

    def death(self) -> KernelDiedError:
        """Say how a container ended that has ended by itself."""
        state: Mapping[str, Any] = {}
        # The engine may have removed it already: then nobody can tell any more.
        if self._engine is not None:
            with suppress(Exception):
                state = self._engine.api.inspect_container(self.name)["State"]
        code = state.get("ExitCode")
        how = "" if code is None else f" with exit code {code}"
        advice = ""
        if state.get("OOMKilled") or code == KILLED:
            advice = "; it was killed, most likely for want of memory: give it more (memory='2g')"
        return KernelDiedError(f"the kernel's container has ended{how}{advice}", self.last_words)

    def remove(self) -> None:
        """Kill and remove it, with all that was made for it; return when it is gone."""
        if self._tether is not None:
            self._tether.expect_end()
        with ExitStack() as last:
            for part in (self._engine, self._transport, self._tether):
                if part is not None:
                    last.callback(part.close)
            if self._engine is not None:
                _remove(self._engine, self.name)


def _remove(engine: Engine, container: str) -> None:
    from docker.errors import APIError, NotFound

    with docker_errors(), suppress(NotFound):
        try:
            engine.api.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            # The engine is removing it already, for it has ended by itself.
            engine.api.wait(container, condition="removed")
