"""From nothing to a kernel that answers, and back to nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from polykernel.connection import Connection
from polykernel.container import Container
from polykernel.errors import KernelDiedError, KernelTimeoutError
from polykernel.threads import in_thread
from polykernel_runner.protocol import GetStatus, Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from polykernel.bounds import Bounds
    from polykernel.endpoint import Endpoint
    from polykernel.options import StartOptions


@asynccontextmanager
async def started(options: StartOptions) -> AsyncIterator[Connection]:
    """Start a container, give the connection to its kernel, and leave nothing of them behind."""
    loop = asyncio.get_running_loop()
    death: asyncio.Future[KernelDiedError] = loop.create_future()

    def on_end() -> None:
        error = container.death()
        with suppress(RuntimeError):  # The loop is closed: nobody is left to be told.
            loop.call_soon_threadsafe(death.set_result, error)

    async with AsyncExitStack() as stack:
        container = Container(options, on_end)
        stack.push_async_callback(in_thread, container.remove)
        endpoint, published = await in_thread(container.start)
        connection = Connection(endpoint, published, options.bounds)
        stack.push_async_callback(connection.close)
        death.add_done_callback(partial(_tell, connection))
        if not await answers(connection, options.start_timeout):
            raise KernelTimeoutError(
                f"the kernel in {options.image_name} did not answer at {endpoint.requests} within"
                f" {options.start_timeout:g} s; raise start_timeout, or where the engine does not"
                " share this machine's directories use transport='tcp'",
                container.last_words,
            )
        yield connection


def _tell(connection: Connection, death: asyncio.Future[KernelDiedError]) -> None:
    if not death.cancelled():
        connection.fail(death.result())


@asynccontextmanager
async def connected(
    endpoint: Endpoint, bounds: Bounds, start_timeout: float
) -> AsyncIterator[Connection]:
    """Give a connection to a kernel that runs already, and leave that alone at the end."""
    connection = Connection(endpoint, bounds=bounds)
    try:
        if not await answers(connection, start_timeout):
            raise KernelTimeoutError(
                f"no kernel answered at {endpoint.requests} within {start_timeout:g} s;"
                " is it running, and are the keys the ones it knows?"
            )
        yield connection
    finally:
        await connection.close(farewell=True)


async def answers(connection: Connection, timeout: float) -> bool:
    """Whether a kernel tells its status in time.

    Raises:
        KernelDiedError: its container has ended.
    """
    try:
        await asyncio.wait_for(connection.ask(GetStatus(), Status), timeout)
    except asyncio.TimeoutError:
        return False
    return True
