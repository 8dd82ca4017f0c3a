"""The stream between the runner and an evaluation server: headers of words, and bodies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import LaunchError
from polykernel_runner.identity import acting_as
from polykernel_runner.workspace import Workspace

LONGEST_HEADER = 256  # bytes
LARGEST_BODY = 256 * 1024 * 1024  # bytes; a picture, all of which is held in memory


@dataclass(frozen=True, slots=True)
class Message:
    """The words of a header but for the last, which is the body's size; and the body."""

    words: tuple[str, ...]
    body: bytes = b""


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
        reader, writer = await asyncio.open_connection(sock=accepted, limit=LONGEST_HEADER)
        return Connection(reader, writer)

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._socket.close()
        with acting_as(self._user), contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)


class Connection:
    """Messages to and from one server. `late` answers are under way that nobody waits for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._reading: asyncio.Task[Message | None] | None = None
        self.late = 0

    async def send(self, *words: object, body: bytes = b"") -> None:
        """Send a message; a server that is gone is noticed by `receive`."""
        header = " ".join(map(str, (*words, len(body))))
        with contextlib.suppress(ConnectionError):
            self._writer.write(header.encode() + b"\n" + body)
            await self._writer.drain()

    async def receive(self) -> Message | None:
        """Return the next message, or None when the server is gone.

        Raises:
            LaunchError: what arrived is no message.
        """
        # Who stops waiting loses no part of a message by that.
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait([self._reading])
        read, self._reading = self._reading, None
        return read.result()

    async def _read(self) -> Message | None:
        try:
            header = await self._reader.readuntil(b"\n")
            words = header.decode("ascii").split()
            size = int(words[-1])
            if not 0 <= size <= LARGEST_BODY:
                raise ValueError(f"a body of {size} bytes")
            return Message(tuple(words[:-1]), await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except (asyncio.LimitOverrunError, ValueError, IndexError) as error:
            raise LaunchError(f"the evaluation server sent no message: {error}") from None

    def close(self) -> None:
        """End it; the server sees that and ends too."""
        if self._reading is not None:
            self._reading.cancel()
        self._writer.close()
