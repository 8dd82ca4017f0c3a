"""What stands before a registry and makes trouble: answers 503, breaks connections."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What each hop says for itself.
OURS = {"connection", "transfer-encoding", "content-length"}


class Trouble:
    """How many manifests are still to be answered with 503, and how many to be cut off."""

    def __init__(self, unavailable: int, broken: int) -> None:
        self.unavailable = unavailable
        self.broken = broken
        self._lock = threading.Lock()

    def take(self) -> str:
        with self._lock:
            if self.unavailable:
                self.unavailable -= 1
                return "unavailable"
            if self.broken:
                self.broken -= 1
                return "broken"
        return ""


class Handler(BaseHTTPRequestHandler):
    """Passes requests on to `host`, but for those that `trouble` takes."""

    protocol_version = "HTTP/1.1"
    host: str
    trouble: Trouble

    def _pass(self) -> None:
        manifest = self.command == "PUT" and "/manifests/" in self.path
        body = self._body()
        kind = self.trouble.take() if manifest else ""
        if kind == "unavailable":
            self.send_response(HTTPStatus.SERVICE_UNAVAILABLE)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "broken":
            self.close_connection = True
        else:
            self._forward(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _forward(self, body: bytes) -> None:
        headers = {key: value for key, value in self.headers.items() if key.lower() not in OURS}
        upstream = http.client.HTTPConnection(self.host)
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in OURS:
                self.send_header(key, value)
        head = self.command == "HEAD"
        length = answer.getheader("Content-Length", "0") if head else str(len(data))
        self.send_header("Content-Length", length)
        self.end_headers()
        if not head:
            self.wfile.write(data)
        upstream.close()

    def log_message(self, *_: object) -> None:
        """Tests have nothing to read there."""

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass  # noqa: N815


@contextmanager
def troubled(host: str, *, unavailable: int, broken: int) -> Iterator[str]:
    """A way to the registry at `host` on which that many uploads of manifests fail."""
    ours = type("Ours", (Handler,), {"host": host, "trouble": Trouble(unavailable, broken)})
    with ThreadingHTTPServer(("127.0.0.1", 0), ours) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
