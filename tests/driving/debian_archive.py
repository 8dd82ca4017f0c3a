"""A dated archive of Debian: a server that has what the engine's own mirror has, and tells."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import requests

from driving.addresses import host_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

PATIENCE = 60
# Which part of the archive a suite is in.
PARTS = {"trixie": "debian", "trixie-security": "debian-security"}


@dataclass
class Archive:
    """`url` is the archive's address, `asked` are the paths below `/archive/` it was asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def dated_archive(client: DockerClient, stamp: str) -> Iterator[Archive]:
    """Serve an archive of `stamp` where `client`'s containers, and this machine, reach it."""
    mirrors = _mirrors(client)
    kept: dict[str, tuple[int, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            match = re.fullmatch(rf"/archive/([^/]+)/{stamp}/(.*)", self.path)
            status, body = (404, b"")
            if match and match[1] in mirrors:
                archive.asked.append(self.path.removeprefix("/archive/"))
                status, body = self._kept(mirrors[match[1]] + match[2])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _kept(self, url: str) -> tuple[int, bytes]:
            if url not in kept:
                answer = requests.get(url, timeout=PATIENCE)
                kept[url] = (answer.status_code, answer.content)
            return kept[url]

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host_address(client), 0), Handler) as server:
        host, port = server.server_address[:2]
        archive = Archive(f"http://{host!s}:{port}/archive/debian/{stamp}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield archive
        finally:
            server.shutdown()
            thread.join()


def _mirrors(client: DockerClient) -> dict[str, str]:
    """Where packages of the images come from otherwise, for each part of the archive."""
    output = client.containers.run(
        "polykernel/base:latest",
        ["indextargets", "--no-release-info", "--format", "$(RELEASE) $(REPO_URI)"],
        entrypoint="apt-get",
        remove=True,
    ).decode()
    found = dict(line.split() for line in output.splitlines())
    return {part: found[suite] for suite, part in PARTS.items() if suite in found}
