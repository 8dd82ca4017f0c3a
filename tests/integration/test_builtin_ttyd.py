"""The terminal in the browser, on every image, used as a person does."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from driving.browser import Page, browser
from driving.containers import address, running
from polykernel import Kernel, TcpEndpoint
from polykernel_runner.protocol import ServiceResult, StartService

if TYPE_CHECKING:
    from pathlib import Path

    from driving.kernels import Fresh
    from polykernel import Service

pytestmark = pytest.mark.parametrize("lang", ["c"])

LINE = "echo $((6 * 7)) grüße ✓ >answer; cat answer\n"
ANSWER = "42 grüße ✓"


def type_and_read(url: str, prompt: str, *, loads: int) -> list[str]:
    """What the terminal shows after each load of the page; typed is behind the first."""
    with browser() as page:
        page.open(url)
        page.see(".xterm-rows", prompt)
        page.press(LINE)
        seen = [shown(page, ANSWER)]
        while len(seen) < loads:
            page.open(url)
            seen.append(shown(page, ANSWER))
        return seen


def shown(page: Page, line: str) -> str:
    """The terminal's text, when it has that line."""
    rows = page.until(lambda: _with_line(page, line), f"the line {line!r}")
    return "\n".join(rows)


def _with_line(page: Page, line: str) -> list[str] | None:
    rows = page.see(".xterm-rows").text.splitlines()
    return rows if line in (row.strip() for row in rows) else None


def status(service: Service, path: str = "/", password: str | None = None) -> int:
    """What the server answers to who has this password."""
    assert service.host is not None
    headers: dict[str, str] = {}
    if password is not None:
        user = service.credentials["username"]
        headers["Authorization"] = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
    connection = HTTPConnection(service.host, service.port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.deadline(150)
async def test_defect_29_what_is_typed_is_run_and_stays(fresh: Fresh) -> None:
    async with fresh(services=("ttyd",)) as kernel:
        service = await kernel.start_service("ttyd")
        assert service.url is not None
        first, again = await asyncio.to_thread(type_and_read, service.url, "$", loads=2)
        kept = await kernel.execute("exec", "cat answer; tmux list-sessions -F '#S'")

    assert first.count("cat answer") == again.count("cat answer") == 1
    assert kept.text == f"{ANSWER}\nterminal\n"


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    (tmp_path / "prompt.json").write_text('{"command": ["bash", "--norc"], "env": {"PS1": "me> "}}')
    return tmp_path


@pytest.mark.deadline(150)
async def test_a_service_for_terminals_is_shown_by_it(lang: str, definitions: Path) -> None:
    """It asks for `pty`, as a client does that knows of a service from the image's labels."""
    mount = {str(definitions): {"bind": "/etc/backend.ai/service-defs", "mode": "ro"}}
    environment = {"POLYKERNEL_AUTH": "none"}
    with running(lang, volumes=mount, environment=environment) as container:
        host = address(container)
        async with Kernel.connect(TcpEndpoint(host=host)) as kernel:
            request = StartService(name="prompt", ports=(9000,), protocol="pty")
            result = await kernel._connection.ask(request, ServiceResult)
            assert result.status == "started", result.error
            who = "{username}:{password}".format(**result.credentials)
            url = f"http://{who}@{host}:9000/"
            await asyncio.to_thread(type_and_read, url, "me>", loads=1)
            tmux = await kernel.execute("exec", "tmux list-sessions")

    assert tmux.exit_code == 1  # it is the service itself that is shown


async def test_without_the_password_there_is_no_page(fresh: Fresh) -> None:
    async with fresh(services=("ttyd",)) as kernel:
        service = await kernel.start_service("ttyd")
        right = service.credentials["password"]
        asked = [("/", None), ("/token", None), ("/", "wrong"), ("/", ""), ("/", right)]
        answers = [await asyncio.to_thread(status, service, *about) for about in asked]

    assert answers == [401, 401, 401, 401, 200]


async def test_defect_32_each_kernel_has_a_password_of_its_own(fresh: Fresh) -> None:
    async with fresh(services=("ttyd",)) as one, fresh(services=("ttyd",)) as two:
        first, second = await asyncio.gather(*(k.start_service("ttyd") for k in (one, two)))
        again = await one.start_service("ttyd")
        await one.shutdown_service("ttyd")
        anew = await one.start_service("ttyd")

    passwords = [service.credentials["password"] for service in (first, again, anew)]
    assert len(set(passwords)) == 1
    assert second.credentials["password"] not in passwords
    assert len(passwords[0]) >= 20
