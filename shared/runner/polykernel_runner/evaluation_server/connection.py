"""The stream between the runner and an evaluation server: headers of words, and bodies.

User code shares the server's process. So nothing that arrives is believed, what is kept of it is
bounded, and whoever writes waits in the same way for a server that does not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import SessionBroken
from polykernel_runner.identity import acting_as
from polykernel_runner.tasks import Readiness
from polykernel_runner.workspace import Workspace

LONGEST_HEADER = 256  # bytes
LARGEST_BODY = 64 * 1024 * 1024  # bytes; a picture, all of which is held in memory
READ_SIZE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """The words of a header but for the last, which is the body's size; and the body.

    Of a body that there was no room for there is the size alone.
    """

    words: tuple[str, ...]
    size: int = 0
    body: bytes = b""

    @property
    def text(self) -> str:
        """How it looks in a message to people."""
        return repr(" ".join(self.words))


class Listener:
    """A socket in a private directory at which one server is awaited."""

    def __init__(self, workspace: Workspace) -> None:
        self.path = os.path.join(workspace.private("evaluation"), "socket")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._user = workspace.user
        with acting_as(self._user):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            self._socket.bind(self.path)
        self._socket.listen(1)

    async def accept(self) -> Connection:
        """Return the connection of the one that comes first; nobody else is let in."""
        loop = asyncio.get_running_loop()
        accepted, _ = await loop.sock_accept(self._socket)
        return Connection(accepted)

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._socket.close()
        with acting_as(self._user), contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)


class Connection:
    """Messages to and from one server. `late` says that an answer is under way that is not here."""

    def __init__(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        self._socket = accepted
        self._buffer = bytearray()
        self._readable = Readiness(accepted.fileno())
        self._writable = Readiness(accepted.fileno())
        self._reading: asyncio.Task[Message | None] | None = None
        self._torn = False
        self.late = False

    @property
    def has_message(self) -> bool:
        """Whether anything has arrived that nobody has received."""
        if self._buffer or self._reading is not None:
            return True
        try:
            return bool(self._socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    async def send(self, *words: object, body: bytes = b"") -> None:
        """Send a message; a server that is gone is noticed by `receive`.

        Raises:
            SessionBroken: who sent the last one gave up waiting until the server would read it.
        """
        if self._torn:
            raise SessionBroken("does not read what it is sent")
        header = " ".join(map(str, (*words, len(body))))
        view = memoryview(header.encode() + b"\n" + body)
        self._torn = True
        with contextlib.suppress(ConnectionError):
            while view and not self._writable.released:
                try:
                    view = view[self._socket.send(view) :]
                except BlockingIOError:
                    await self._writable.writable()
        self._torn = False

    def send_at_once(self, word: str) -> None:
        """Send a message without a body to a server that waits for it.

        Raises:
            SessionBroken: it has not read what it was sent before.
        """
        message = f"{word} 0\n".encode()
        try:
            sent = self._socket.send(message)
        except BlockingIOError:
            sent = 0
        except ConnectionError:
            return
        if sent < len(message):
            raise SessionBroken("does not read what it is sent")

    async def receive(self, room: int | None = None) -> Message | None:
        """Return the next message, or None when the server is gone.

        What has a body larger than `room` comes without that.

        Raises:
            SessionBroken: what arrived is no message.
        """
        # Who stops waiting loses no part of a message by that.
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(room))
        await asyncio.wait([self._reading])
        read, self._reading = self._reading, None
        return read.result()

    async def _read(self, room: int | None) -> Message | None:
        while (end := self._buffer.find(b"\n")) < 0 and len(self._buffer) <= LONGEST_HEADER:
            if not await self._more(LONGEST_HEADER):
                return None
        header = bytes(self._buffer[: end if end >= 0 else LONGEST_HEADER + 1])
        words, size = _parse(header)
        del self._buffer[: len(header) + 1]
        if room is not None and size > room:
            return Message(words, size) if await self._skip(size) else None
        while len(self._buffer) < size:
            if not await self._more(size - len(self._buffer)):
                return None
        body = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return Message(words, size, body)

    async def _skip(self, size: int) -> bool:
        while size:
            taken = min(size, len(self._buffer))
            del self._buffer[:taken]
            size -= taken
            if size and not await self._more(size):
                return False
        return True

    async def _more(self, most: int) -> bool:
        """Wait for some bytes; return whether there were any."""
        while True:
            try:
                data = self._socket.recv(min(most, READ_SIZE))
            except BlockingIOError:
                if self._readable.released:
                    return False
                await self._readable.readable()
            except OSError:
                return False
            else:
                self._buffer += data
                return bool(data)

    async def close(self) -> None:
        """End it; the server sees that and ends too."""
        self._readable.release()
        self._writable.release()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._socket.close()


def _parse(header: bytes) -> tuple[tuple[str, ...], int]:
    """Return the words of a header and the size of its body."""
    if len(header) > LONGEST_HEADER:
        raise SessionBroken(f"sent a header of more than {LONGEST_HEADER} bytes")
    if not header.isascii():
        raise SessionBroken(f"sent a header that is not ASCII: {header!r:.80}")
    *words, size = header.decode("ascii").split() or [""]
    if not words or not size.isdecimal():
        raise SessionBroken(f"sent a header without a kind and a size: {header!r:.80}")
    if len(size) > len(str(LARGEST_BODY)) or int(size) > LARGEST_BODY:
        raise SessionBroken(f"sent a body of {size:.20} bytes, more than {LARGEST_BODY}")
    return tuple(words), int(size)
