"""A kernel's end of the ipc sockets, driven by a test line by line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import zmq
import zmq.asyncio

from polykernel_runner.protocol import (
    Finished,
    GetStatus,
    Hello,
    Output,
    Record,
    Request,
    SayHello,
    Status,
    decode_request,
    encode_record,
    run_id_of,
)

if TYPE_CHECKING:
    from pathlib import Path

STATUS = Status(started_at=1.5, ready=True, running=False, queued=0)
HELLO = Hello(protocol=2, runner="0", language="peer", language_version=None, features=("batch",))
DONE = Finished(step="exec", exit_code=0, verdict="ok")


class Peer:
    """Answers `status` and `hello` by itself; all else waits for `request`."""

    def __init__(self, directory: Path) -> None:
        self._context = zmq.asyncio.Context()
        self._requests = self._context.socket(zmq.PULL)
        self._records = self._context.socket(zmq.PUSH)
        # As small as can be: the client's rules are tested, not ZeroMQ's stores.
        self._records.sndhwm = 1
        self._requests.bind(f"ipc://{directory}/in")
        self._records.bind(f"ipc://{directory}/out")
        self._waiting: asyncio.Queue[tuple[Request, bytes | None]] = asyncio.Queue()
        self._server = asyncio.get_running_loop().create_task(self._serve())

    async def request(self) -> tuple[Request, bytes | None]:
        """Return the next request and its run id."""
        return await asyncio.wait_for(self._waiting.get(), 5)

    async def send(self, record: Record, run_id: bytes | None) -> None:
        """Send a record, when there is room."""
        await self._records.send_multipart(encode_record(record, run_id))

    async def send_frames(self, *frames: bytes) -> None:
        """Send anything."""
        await self._records.send_multipart(frames)

    async def print(self, run_id: bytes | None, text: bytes, *, end: bool = True) -> None:
        """Send a program's stdout, and mostly its end."""
        await self.send(Output("stdout", text), run_id)
        if end:
            await self.send(DONE, run_id)

    async def _serve(self) -> None:
        while True:
            frames = await self._requests.recv_multipart()
            request, run_id = decode_request(frames), run_id_of(frames)
            if isinstance(request, GetStatus):
                await self.send(STATUS, run_id)
            elif isinstance(request, SayHello):
                await self.send(HELLO, run_id)
            else:
                self._waiting.put_nowait((request, run_id))

    async def close(self) -> None:
        """Go away without a word."""
        self._server.cancel()
        await asyncio.gather(self._server, return_exceptions=True)
        self._context.destroy(linger=0)
