"""An app of a kernel, until it is interrupted."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from polykernel.cli.output import complain

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from polykernel.apps import Service
    from polykernel.kernel import Kernel


def serve(starting: AbstractAsyncContextManager[Kernel], name: str) -> int:
    """Start a kernel and an app in it, say where it is, and keep it until SIGINT or SIGTERM."""
    return asyncio.run(_serve(starting, name))


async def _serve(starting: AbstractAsyncContextManager[Kernel], name: str) -> int:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with starting as kernel:
        service = await kernel.start_service(name)
        _tell(service)
        over = loop.create_task(ended.wait())
        while not over.done():
            # The only one who hears of a container's end is who asks.
            await kernel.status()
            await asyncio.wait([over], timeout=1)
    return 0


def _tell(service: Service) -> None:
    complain(f"{service.name} runs; Ctrl-C ends it and removes the kernel")
    sys.stdout.write(f"{service.url or f'{service.host}:{service.port}'}\n")
    for name, value in service.credentials.items():
        if value not in (service.url or ""):
            sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.flush()
