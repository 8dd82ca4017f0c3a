"""One question to a server, against real ones."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.services.health import fault
from polykernel_runner.services.model_definition import HealthCheck
from support.kernels import free_ports
from support.programs import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
SHORT = 0.3


def check(path: str = "/", *, seconds: float = PATIENCE, status: int = 200) -> HealthCheck:
    return HealthCheck(path=path, max_retries=0, max_wait_time=seconds, expected_status_code=status)


class Server:
    """Says the same to everybody, and keeps the connection open or not."""

    def __init__(self, answer: bytes, *, closes: bool) -> None:
        self._answer = answer
        self._closes = closes
        self.heard: list[bytes] = []
        self.left = asyncio.Event()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            self.heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self._answer)
            if not self._closes:
                await reader.read()
        writer.close()
        self.left.set()


@contextlib.asynccontextmanager
async def serving(
    answer: bytes, *, closes: bool = False, host: str = "127.0.0.1"
) -> AsyncIterator[tuple[int, Server]]:
    server = Server(answer, closes=closes)
    listening = await asyncio.start_server(server.meet, host, 0)
    try:
        yield listening.sockets[0].getsockname()[1], server
    finally:
        listening.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_expected_status_is_healthy(host: str) -> None:
    async with serving(GOOD, host=host) as (port, server):
        assert await fault(port, check("/a?b=c")) is None
        await asyncio.wait_for(server.left.wait(), PATIENCE)
    assert server.heard == [
        f"GET /a?b=c HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()
    ]


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
async def test_any_other_status_is_not(status: int) -> None:
    answer = f"HTTP/1.0 {status} X\r\nLocation: /\r\n\r\n".encode()
    async with serving(answer) as (port, server):
        assert await fault(port, check()) == f"status {status} instead of 200"
        assert await fault(port, check(status=status)) is None
    assert len(server.heard) == 2


async def test_hints_are_no_answer() -> None:
    async with serving(HINTS * 3 + GOOD) as (port, _):
        assert await fault(port, check()) is None


async def test_a_body_without_end_is_not_waited_for() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nx") as (port, _):
        assert await asyncio.wait_for(fault(port, check()), PATIENCE) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        HINTS,
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000,
        b"\0\xff" * 1000,
    ],
)
async def test_what_is_no_answer_is_a_fault(answer: bytes) -> None:
    async with serving(answer, closes=True) as (port, _):
        assert await asyncio.wait_for(fault(port, check()), PATIENCE)


async def test_nobody_there_is_a_fault() -> None:
    (port,) = free_ports(1)
    reason = await fault(port, check())
    assert reason is not None
    assert "127.0.0.1" in reason


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", HINTS])
async def test_who_takes_too_long_is_left(answer: bytes) -> None:
    async with serving(answer) as (port, server):
        began = time.monotonic()
        assert await fault(port, check(seconds=SHORT)) == f"no answer within {SHORT} s"
        assert time.monotonic() - began < PATIENCE / 2
        await asyncio.wait_for(server.left.wait(), PATIENCE)


async def test_a_check_takes_no_thread() -> None:
    before = threading.active_count()
    async with serving(b"") as (port, _):
        reasons = await asyncio.gather(*(fault(port, check(seconds=SHORT)) for _ in range(50)))
    assert set(reasons) == {f"no answer within {SHORT} s"}
    assert threading.active_count() == before
