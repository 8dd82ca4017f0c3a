"""For evaluation servers written in Python: docs/evaluation-server.md.

Nothing of the runner is imported, and the runner does not import this.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import TypeAlias

Show: TypeAlias = Callable[[str, bytes], None]
Evaluate: TypeAlias = Callable[[str, Show], int]

INTERRUPTED = 130
FAILED = 1


def serve(socket_path: str, evaluate: Evaluate) -> None:
    """Evaluate queries until the runner hangs up.

    `evaluate` is given the code and a function that shows something, by its MIME type and bytes;
    it returns the query's exit code. `sys.stdin` is new for each query. What `evaluate` raises is
    told on stderr and ends the query with 1; KeyboardInterrupt, which an interrupt raises in it,
    ends it with 130, and SystemExit ends the process.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(socket_path)
        _Server(connection, evaluate).serve()


class _Server:
    def __init__(self, connection: socket.socket, evaluate: Evaluate) -> None:
        self._incoming = connection.makefile("rb")
        self._outgoing = connection.makefile("wb")
        self._evaluate = evaluate
        self._interruptible = False
        self._interrupted = False

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._on_interrupt)
        self._send("ready")
        while header := self._incoming.readline().split():
            code = self._incoming.read(int(header[-1])).decode("utf-8", "replace")
            # Descriptor 0 begins again with each query.
            sys.stdin = os.fdopen(0, encoding="utf-8", errors="surrogateescape", closefd=False)
            self._send("done", self._exit_code(code))

    def _exit_code(self, code: str) -> int:
        self._interrupted = False
        self._interruptible = True
        try:
            return self._evaluate(code, self._show)
        except KeyboardInterrupt:
            return INTERRUPTED
        except Exception:  # noqa: BLE001 - what went wrong is told, and the next query works
            traceback.print_exc()
            return FAILED
        finally:
            self._interruptible = False
            sys.stdout.flush()
            sys.stderr.flush()

    def _on_interrupt(self, _: int, __: FrameType | None) -> None:
        self._interrupted = True
        if self._interruptible:
            raise KeyboardInterrupt

    def _show(self, kind: str, data: bytes) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._interruptible = False  # half a message would be the last that is understood
        self._send("media", kind, body=data)
        self._incoming.readline()  # it has been shown: what is printed now comes behind it
        self._interruptible = True
        if self._interrupted:
            raise KeyboardInterrupt

    def _send(self, *words: object, body: bytes = b"") -> None:
        header = " ".join(map(str, (*words, len(body))))
        self._outgoing.write(header.encode() + b"\n" + body)
        self._outgoing.flush()
