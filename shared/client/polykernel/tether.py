"""The stream that ties a container to this process, and carries what the container itself says.

It is the container's standard input: the engine closes that when this process goes away, however
it does, and the runner then ends. The other way come the container's own stdout and stderr, which
is the runner's log; programs' output goes over the protocol.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from docker import APIClient

log = logging.getLogger("polykernel.container")

KEPT_LINES = 100


class Tether:
    """Attached to a container, before its start, until `close`.

    `on_end` is called in a thread of its own when the stream ends, which is when the container
    does.
    """

    def __init__(self, api: APIClient, container: str, on_end: Callable[[], None]) -> None:
        self._stream = api.attach_socket(
            container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        self._on_end = on_end
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._expected = False
        self._thread = threading.Thread(target=self._follow, name="polykernel tether", daemon=True)
        self._thread.start()

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines that the container wrote."""
        return tuple(self._lines)

    def _follow(self) -> None:
        from docker.utils.socket import SocketError, frames_iter

        rest = b""
        with suppress(OSError, SocketError, ValueError):
            for _, data in frames_iter(self._stream, tty=False):  # type: ignore[no-untyped-call]
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._keep(line)
        if rest:
            self._keep(rest)
        if not self._expected:
            self._on_end()

    def _keep(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        self._lines.append(text)
        log.debug("%s", text)

    def expect_end(self) -> None:
        """Do not call `on_end`: the container is being removed."""
        self._expected = True

    def close(self) -> None:
        """Let go, and join the thread."""
        self.expect_end()
        # Where the engine is reached by ssh it is no socket, and ends with the container.
        with (
            suppress(OSError, AttributeError),
            socket.socket(fileno=os.dup(self._stream.fileno())) as stream,
        ):
            stream.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        # The SDK hands out the innermost reader; the response and the socket stay to be closed.
        socket_ = getattr(self._stream, "_sock", None)
        for part in (getattr(self._stream, "_response", None), self._stream, socket_):
            if part is not None:
                part.close()
