"""The terminal in the browser, on every image, used as a person does."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from driving.browser import Page, browser

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Service

pytestmark = pytest.mark.parametrize("lang", ["c"])

SHELL = "$"


def type_and_read(service: Service) -> str:
    """What the terminal shows in the end: in a page, and in that page loaded anew."""
    assert service.url is not None
    with browser() as page:
        page.open(service.url)
        page.see(".xterm-rows", SHELL)
        page.press("echo $((6 * 7)) grüße ✓ >answer; cat answer\n")
        shown(page, "42 grüße ✓")
        page.open(service.url)
        return shown(page, "42 grüße ✓")


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
        text = await asyncio.to_thread(type_and_read, service)
        kept = await kernel.execute("exec", "cat answer")

    assert text.count("cat answer") == 1
    assert kept.text == "42 grüße ✓\n"


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
