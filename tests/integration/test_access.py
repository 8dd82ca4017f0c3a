"""Who may speak to a kernel is chosen, never left open."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from driving.containers import address, boxed, running
from polykernel import IpcEndpoint, Kernel, TcpEndpoint

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.parametrize("lang", ["c"])

REFUSED = 78
HANDSHAKE_ENDS: dict[int, str] = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "refused",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "refused",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "refused",
    zmq.EVENT_DISCONNECTED: "refused",
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "let in",
}


def refusal(lang: str, **settings: Any) -> str:  # noqa: ANN401
    """What a container says that does not start."""
    with running(lang, **settings) as container:
        assert container.wait(timeout=15)["StatusCode"] == REFUSED
        return container.logs().decode()


def test_a_container_that_nobody_could_reach_ends_and_says_what_to_choose(lang: str) -> None:
    said = refusal(lang)

    for choice in ("/run/polykernel", "server.key_secret", "clients/*.key", "POLYKERNEL_AUTH=none"):
        assert choice in said


def test_a_choice_that_is_none_is_refused(lang: str) -> None:
    said = refusal(lang, environment={"POLYKERNEL_AUTH": "off"})

    assert "POLYKERNEL_AUTH=off is not known; it may be none" in said


def test_sockets_that_user_code_could_open_are_refused(lang: str, tmp_path: Path) -> None:
    mount = {str(tmp_path): {"bind": "/run/polykernel", "mode": "rw"}}
    said = refusal(lang, volumes=mount, user="12345:0")

    assert "user code would have the uid that owns /run/polykernel" in said
    assert list(tmp_path.iterdir()) == []


async def test_tcp_in_the_clear_is_there_for_who_asks_for_it(lang: str) -> None:
    with running(lang, environment={"POLYKERNEL_AUTH": "none"}) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            assert (await kernel.execute("exec", "echo reached")).text == "reached\n"


async def test_the_sockets_directory_is_ours_alone(lang: str) -> None:
    async with boxed(lang) as box, Kernel.connect(box.endpoint):
        assert isinstance(box.endpoint, IpcEndpoint)
        directory = box.endpoint.directory
        about = directory.stat()
        sockets = sorted(path.name for path in directory.iterdir())
        assert stat.S_IMODE(about.st_mode) == 0o700
        assert {path.stat().st_uid for path in directory.iterdir()} == {about.st_uid}
        assert {"in", "out"} <= set(sockets)
    assert not directory.exists()


async def test_a_wrong_key_is_refused_and_the_right_one_goes_on(lang: str) -> None:
    async with boxed(lang, transport="tcp") as box:
        assert isinstance(box.endpoint, TcpEndpoint)
        keys = box.endpoint.keys
        assert keys is not None
        assert "secret" not in repr(keys)
        right = (keys.public, keys.secret)
        wrong = zmq.curve_keypair()

        async with Kernel.connect(box.endpoint) as kernel:
            assert await knock(box.endpoint, keys.server_public, right) == "let in"
            assert await knock(box.endpoint, keys.server_public, wrong) == "refused"
            assert await knock(box.endpoint, zmq.curve_keypair()[0], right) == "refused"
            assert await knock(box.endpoint, None, wrong) == "refused"
            assert (await kernel.execute("exec", "echo fine")).text == "fine\n"


async def knock(endpoint: TcpEndpoint, server: bytes | None, pair: tuple[bytes, bytes]) -> str:
    """What becomes of a connection to the requests' socket with these keys."""
    with zmq.asyncio.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.linger = 0
        if server is not None:
            socket.curve_serverkey = server
            socket.curve_publickey, socket.curve_secretkey = pair
        monitor = socket.get_monitor_socket()
        socket.connect(endpoint.requests)
        try:
            while True:
                event = (await recv_monitor_message(monitor))["event"]
                if event in HANDSHAKE_ENDS:
                    return HANDSHAKE_ENDS[event]
        finally:
            socket.disable_monitor()
            monitor.close(0)
