"""Services in real containers: defined by a mounted file, reached from outside, ended in time."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from driving.containers import address, running
from driving.kernels import until_printed
from polykernel import App, Kernel, OptionError, ServiceError, TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from docker.models.containers import Container

pytestmark = pytest.mark.parametrize("lang", ["c"])

PORT = 8123
SERVER = ["python3", "-m", "http.server", "{ports[0]}"]
STUBBORN = f"trap '' TERM; (trap '' TERM; exec sleep 4711.5) & exec {' '.join(SERVER)}"
DEFINITIONS: dict[str, Any] = {
    "web": {
        "prestart": [
            {"action": "mkdir", "args": {"path": "site"}},
            {
                "action": "run_command",
                "args": {"command": ["id", "-un"]},
                "ref": "who",
            },
            {
                "action": "write_file",
                "args": {"filename": "site/index.html", "body": ["{who[out]}", "{key}"]},
            },
        ],
        "command": [*SERVER, "--directory", "site"],
        "credentials": {"key": None},
        "url_template": "{protocol}://{host}:{port}/?key={key}",
        "allowed_arguments": ["--bind"],
        "allowed_envs": ["COLOUR"],
    },
    "dies": {"command": ["sh", "-c", "echo no licence >&2; exit 3"]},
    "stubborn": {"command": ["sh", "-c", STUBBORN]},
    "typo": {"command": ["true"], "comand": []},
}  # fmt: skip


@pytest.fixture
def container(lang: str, tmp_path: Path) -> Iterator[Container]:
    for name, definition in DEFINITIONS.items():
        tmp_path.joinpath(f"{name}.json").write_text(json.dumps(definition))
    tmp_path.chmod(0o755)
    mount = {str(tmp_path): {"bind": "/etc/backend.ai/service-defs", "mode": "ro"}}
    settings = {"volumes": mount, "environment": {"POLYKERNEL_AUTH": "none"}}
    with running(lang, **settings) as container:
        yield container


@pytest_asyncio.fixture(loop_scope="session")
async def kernel(container: Container) -> AsyncIterator[Kernel]:
    async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
        yield kernel


async def start(kernel: Kernel, name: str, *, port: int = PORT, **more: Any) -> Any:  # noqa: ANN401
    """Start a service whose port the image's manifest does not know."""
    return await kernel.start_service(name, port=port, protocol="http", **more)


async def fetch(container: Container, path: str = "/") -> str:
    return await asyncio.to_thread(_get, address(container), PORT, path)


async def test_a_service_runs_as_the_user_and_is_reached_from_outside(
    container: Container, kernel: Kernel
) -> None:
    service = await start(kernel, "web")
    who, key = (await fetch(container)).split()

    assert who == "work"
    assert key == service.credentials["key"]
    assert len(key) >= 32


async def test_definitions_are_listed_and_a_bad_one_is_left_out(
    container: Container, kernel: Kernel
) -> None:
    apps = {app.name: app for app in await kernel.apps()}

    assert {"web", "dies", "sshd", "ttyd"} <= apps.keys()
    assert apps["web"].allowed_arguments == ("--bind",)
    assert apps["web"].allowed_envs == ("COLOUR",)
    assert (apps["web"].url_template or "").startswith("{protocol}://{host}:{port}/?key=")
    assert "typo" not in apps
    assert b"typo.json" in container.logs(stderr=True)
    assert [*await kernel.apps("dies")] == [App(name="dies")]
    assert await kernel.apps("nothing") == ()


async def test_defect_24_a_service_that_dies_is_told_at_once_with_its_reason(
    kernel: Kernel,
) -> None:
    began = time.monotonic()
    with pytest.raises(ServiceError, match="no licence"):
        await start(kernel, "dies")
    assert time.monotonic() - began < 3


async def test_what_is_not_defined_or_not_allowed_is_named(kernel: Kernel) -> None:
    with pytest.raises(ServiceError, match="web"):
        await start(kernel, "wep")
    with pytest.raises(ServiceError, match=r"--port.*--bind"):
        await start(kernel, "web", arguments={"--port": "1"})
    with pytest.raises(ServiceError, match=r"PATH.*COLOUR"):
        await start(kernel, "web", envs={"PATH": "/"})


async def test_services_start_while_a_program_runs(container: Container, kernel: Kernel) -> None:
    run = kernel.execute("exec", "echo up; read line; echo $line")
    await until_printed(run, "up")
    await start(kernel, "web")
    assert await fetch(container)
    await kernel.input("on")
    assert (await run).exit_code == 0
    assert await fetch(container), "a run's end ends no service"


async def test_a_service_is_shut_down_with_all_it_started(
    container: Container, kernel: Kernel
) -> None:
    await start(kernel, "stubborn")
    assert str(container.top()["Processes"]).count("4711.5'") == 1
    await kernel.shutdown_service("stubborn")
    await start(kernel, "stubborn")  # when the one before is gone

    assert str(container.top()["Processes"]).count("4711.5'") == 1


async def test_the_kernel_ends_its_services_within_two_seconds(
    container: Container, kernel: Kernel
) -> None:
    await start(kernel, "stubborn")
    began = time.monotonic()
    await asyncio.to_thread(container.kill, "SIGTERM")
    told = await asyncio.to_thread(container.wait)

    assert told["StatusCode"] == 0
    assert time.monotonic() - began < 2


async def test_nothing_listens_that_nobody_asked_for(kernel: Kernel) -> None:
    await kernel.apps()
    found = await kernel.execute("exec", "cat /proc/net/tcp /proc/net/tcp6")
    listening = {
        int(line.split()[1].rpartition(":")[2], 16)
        for line in found.text.splitlines()
        if line.split()[3] == "0A"
    }
    assert listening == {2000, 2001, 2002, 2003}


async def test_published_services_are_only_those_that_were_named(lang: str) -> None:
    with pytest.raises(OptionError, match=r"no service 'web'; it has sshd, ttyd"):
        async with Kernel.start(lang, services=["web"]):
            pass


async def test_a_published_port_is_reached_and_the_kernel_still_has_no_network(lang: str) -> None:
    async with Kernel.start(lang, ports=[PORT]) as kernel:
        server = kernel.execute("exec", f"echo hi > index.html; exec python3 -m http.server {PORT}")
        host, port = kernel.address(PORT)
        while True:
            try:
                assert await asyncio.to_thread(_get, host, port, "/") == "hi\n"
                break
            except OSError:
                await asyncio.sleep(0.05)  # nobody tells that it listens
        await server.cancel()


def _get(host: str, port: int, path: str) -> str:
    with closing(HTTPConnection(host, port, timeout=10)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
