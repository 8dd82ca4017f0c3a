"""The server's HTTP."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from driving.r_server.rules import Refused, operation
from driving.r_server.server import RServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def r_server(host: str) -> Iterator[tuple[RServer, str]]:
    """A server at an address of this machine, and its URL."""
    state = RServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            created = self.command == "POST" and self.path == "/sessions"
            status = HTTPStatus.CREATED if created else HTTPStatus.OK
            try:
                told = state.answer(self.command, self.path, dict(self.headers), body)
            except Refused as refused:
                status, told = refused.status, {"message": str(refused)}
            if f"{self.command} {_known(self.path)}" in state.broken:
                self.close_connection = True
                return
            data = told if isinstance(told, bytes) else json.dumps(told).encode()
            kind = "application/octet-stream" if told is data else "application/json"
            state.calls.append((self.command, _known(self.path), int(status)))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state, f"http://{host}:{server.server_port}"
    finally:
        for session in list(state.sessions.values()):
            session.kill()
        server.shutdown()
        thread.join()
        server.server_close()


def _known(url: str) -> str:
    try:
        return operation(urlsplit(url).path)[0]
    except Refused:
        return urlsplit(url).path
