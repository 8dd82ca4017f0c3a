"""A kernel's terminal, as who sits before it has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel.errors import OptionError
from polykernel_runner import protocol
from polykernel_runner.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import zmq.asyncio

    from polykernel.connection import Connection


class Terminal:
    """Type into it, and iterate over what is drawn; made by `Kernel.terminal`.

    The first keystroke starts the shell. Iterating ends when that has ended; the next keystroke
    starts another, and iterating can go on. It raises what has ended the kernel.
    """

    def __init__(
        self, connection: Connection, keys: zmq.asyncio.Socket, screen: zmq.asyncio.Socket
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._screen = screen

    async def type(self, keys: str | bytes) -> None:
        """Type; a line ends with a carriage return, Ctrl-C is `"\\x03"`."""
        await self._keys.send(keys.encode() if isinstance(keys, str) else keys)

    async def resize(self, rows: int, cols: int) -> None:
        """Tell the shell how large the terminal is now.

        Raises:
            OptionError: no terminal has that size.
        """
        try:
            size = protocol.terminal_size(rows, cols)
        except ProtocolError as error:
            raise OptionError(str(error)) from None
        await self._connection.post(size)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        drawn = b"".join(await self._connection.unless_ended(self._screen.recv_multipart()))
        if drawn == protocol.SHELL_ENDED:
            raise StopAsyncIteration
        return drawn
