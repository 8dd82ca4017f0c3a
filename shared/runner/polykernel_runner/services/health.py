"""Asks a server how it is: one HTTP request, on a connection and with a time limit of its own.

No name is looked up, since that takes threads of which the whole runner has only a few.
"""

from __future__ import annotations

import asyncio

import h11

from polykernel_runner.services.model_definition import HealthCheck

_ADDRESSES = ("127.0.0.1", "::1")
_READ_SIZE = 65536


async def fault(port: int, check: HealthCheck) -> str | None:
    """Return what is wrong with a server of this machine, None when nothing is.

    Its answer is its status; a redirect is not followed, and what else it says not waited for.
    """
    try:
        status = await asyncio.wait_for(_status(port, check.path), check.max_wait_time)
    except asyncio.TimeoutError:
        return f"no answer within {check.max_wait_time:g} s"
    except (OSError, h11.ProtocolError) as error:
        return str(error)
    expected = check.expected_status_code
    return None if status == expected else f"status {status} instead of {expected}"


async def _status(port: int, path: str) -> int:
    reader, writer = await _connect(port)
    try:
        connection = h11.Connection(h11.CLIENT)
        headers = [("Host", f"localhost:{port}"), ("Connection", "close")]
        request = h11.Request(method="GET", target=path, headers=headers)
        for event in (request, h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        while True:
            answer = connection.next_event()
            if isinstance(answer, h11.Response):
                return answer.status_code
            if answer is h11.NEED_DATA:
                connection.receive_data(await reader.read(_READ_SIZE))
    finally:
        writer.transport.abort()


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    refusals: list[OSError] = []
    for address in _ADDRESSES:
        try:
            return await asyncio.open_connection(address, port)
        except OSError as error:
            refusals.append(error)
    raise refusals[0]
