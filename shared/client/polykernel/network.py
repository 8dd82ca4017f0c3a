"""The network of kernels that are reached by tcp: it publishes ports and has no way out."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from polykernel.engine import docker_errors
from polykernel.errors import EngineError

if TYPE_CHECKING:
    from polykernel.engine import Engine

NAME = "polykernel-closed"
PATIENCE = 10.0


def closed_network(engine: Engine) -> str:
    """Return the name of that network, which is made once for all clients, and kept."""
    end = time.monotonic() + PATIENCE
    while not _is_there(engine):
        try:
            _make(engine)
        except EngineError:
            # Another client is making it.
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
    return NAME


def _is_there(engine: Engine) -> bool:
    with docker_errors():
        return bool(engine.api.networks(names=[f"^{NAME}$"]))


def _interface(engine: Engine) -> str:
    # The engine takes two networks of one name, and then can use neither; of one interface it does
    # not. Another engine of the same host must not have the same, its addresses are others. It may
    # have the same ID, which comes from a file in /etc, but never the same directory.
    info = engine.info()
    identity = f"{info.get('ID', '')} {info.get('DockerRootDir', '')}"
    own = hashlib.sha256(identity.encode()).hexdigest()
    return f"polyk{own[:8]}"


def _make(engine: Engine) -> None:
    bridge = "com.docker.network.bridge"
    with docker_errors():
        engine.api.create_network(
            NAME,
            driver="bridge",
            check_duplicate=True,
            options={
                f"{bridge}.name": _interface(engine),
                f"{bridge}.enable_ip_masquerade": "false",
                f"{bridge}.enable_icc": "false",
            },
            labels={"ai.polykernel.network": "1"},
        )
