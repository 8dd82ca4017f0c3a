"""Give the server a bit of all it may be asked, and end it: the JVM keeps what it loaded for that.

train.py DIRECTORY COMMAND...    DIRECTORY holds the queries; the socket is COMMAND's last word
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from io import BufferedRWPair

PATIENCE = 60.0  # seconds until a server that does not come has failed
UNFINISHED = "class Point { int x; }\nvar point = new Point();\npoint."
NAMED = "String.valueOf(1)"


def main() -> None:
    """Send every query of the directory, and a question of each kind."""
    directory, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work, socket.socket(socket.AF_UNIX) as listener:
        path = f"{work}/socket"
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(PATIENCE)
        with subprocess.Popen([*command, path], stdin=subprocess.DEVNULL) as server:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                _receive(stream)
                for query in sorted(Path(directory).glob("*.j*")):
                    _ask(stream, "evaluate", query.read_text())
                _ask(stream, f"complete {len(UNFINISHED)}", UNFINISHED)
                _ask(stream, f"inspect {len('String.valueOf')}", NAMED)
                _ask(stream, "is-complete", UNFINISHED)
    sys.exit(server.returncode)


def _ask(stream: BufferedRWPair[Any, Any], header: str, code: str) -> None:
    body = code.encode()
    stream.write(f"{header} {len(body)}\n".encode() + body)
    stream.flush()
    print(_receive(stream))  # noqa: T201 - for who reads the build's log


def _receive(stream: BufferedRWPair[Any, Any]) -> str:
    *words, size = stream.readline().decode().split()
    stream.read(int(size))
    return " ".join(words)


main()
