"""Waiting for ZeroMQ's sockets in a coroutine.

zmq.asyncio does that for any use of a socket; for one that only receives or only sends less is
enough, and takes less time (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import zmq

from polykernel_runner.tasks import Readiness

# As numbers: pyzmq's are members of enumerations, whose arithmetic takes longer than the sending.
_NOBLOCK = int(zmq.NOBLOCK)
_MORE = int(zmq.NOBLOCK | zmq.SNDMORE)


class Receiver:
    """The receiving end of a socket that sends nothing. One coroutine at a time may wait."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._ready = Readiness(socket.FD)

    async def receive(self) -> list[bytes]:
        """Return the frames of the next message."""
        while True:
            # The descriptor tells of changes only: what has come already has to be looked for.
            try:
                return self._socket.recv_multipart(_NOBLOCK)
            except zmq.Again:
                await self._ready.readable()


class Sender:
    """The sending end of a socket that receives nothing; for any number of coroutines."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._ready = Readiness(socket.FD)
        self._turn = asyncio.Lock()

    async def send(self, frames: Sequence[bytes]) -> None:
        """Send a message, large frames uncopied; wait while readers are slow or not there."""
        if not self._turn.locked() and self._try(frames):
            return
        async with self._turn:
            while not self._try(frames):
                # This, unlike sending, always hears what has changed, or else there would be no
                # change to wait for.
                if not int(self._socket.getsockopt(zmq.EVENTS)) & zmq.POLLOUT:
                    await self._ready.readable()

    def _try(self, frames: Sequence[bytes]) -> bool:
        try:
            for frame in frames[:-1]:
                self._send(frame, _MORE)
            self._send(frames[-1], _NOBLOCK)
        except zmq.Again:  # only the first frame of a message can find no room
            return False
        return True

    def _send(self, frame: bytes, flags: int) -> None:
        self._socket.send(frame, flags, copy=len(frame) < zmq.COPY_THRESHOLD)
