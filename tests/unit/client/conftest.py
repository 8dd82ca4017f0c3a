from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from polykernel import IpcEndpoint, Kernel
from support.peer import Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def socket_directory() -> Iterator[Path]:
    # pytest's own directories have paths too long for sockets.
    with tempfile.TemporaryDirectory(prefix="pk-test-", dir="/tmp") as path:
        yield Path(path)


@pytest_asyncio.fixture
async def peer(socket_directory: Path) -> AsyncIterator[Peer]:
    peer = Peer(socket_directory)
    yield peer
    await peer.close()


@pytest_asyncio.fixture
async def kernel(socket_directory: Path, peer: Peer) -> AsyncIterator[Kernel]:  # noqa: ARG001
    async with Kernel.connect(IpcEndpoint(directory=socket_directory), start_timeout=5) as kernel:
        yield kernel
