"""Servers of Polly's API on this machine, which kernels reach by their engine's network."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from driving.addresses import host_address
from driving.containers import docker
from polykernel_builder.environments import Environment, clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterator

MOTO = Environment("moto", "moto, a server of AWS's API")
SERVE = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address=sys.argv[1], port=0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""
ROLE = "speaker"
ROLE_KEY = "AKIAROLE"
ROLES = "/latest/meta-data/iam/security-credentials/"


def host() -> str:
    """This machine's address for containers that have a network."""
    with docker() as client:
        return host_address(client)


@contextmanager
def moto() -> Iterator[str]:
    """The URL of moto's server."""
    with subprocess.Popen(
        [str(MOTO.ensure()), "-c", SERVE, host()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environ(),
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


class Odd(ThreadingHTTPServer):
    """A server that does as the path says which comes before that of the API.

    `/echo` gives the request as the sound, `/tattle` refuses and repeats what it was sent, `/fail`
    says 500, `/break` ends in the middle, `/hang` waits until it is `released`. It is the metadata
    service of a host with a role, too.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((host(), 0), _Handler)
        self.asked = threading.Event()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Where it is."""
        address, port = self.server_address[:2]
        return f"http://{address!s}:{port}"


class _Handler(BaseHTTPRequestHandler):
    server: Odd

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        way = self.path.split("/")[1]
        sent = {"path": self.path, "authorization": self.headers["Authorization"]}
        if way == "hang" and not self.server.released.is_set():
            self.server.asked.set()
            self.server.released.wait()
        if way == "tattle":
            told = f"this does not fit: {self.headers}"
            self._answer(403, json.dumps({"message": told}).encode(), error="SignatureDoesNotMatch")
        elif way == "fail":
            self._answer(500, b"not well")
        elif way == "break":
            self._answer(200, b"half", missing=4)
        else:
            self._answer(200, json.dumps({**json.loads(body), **sent}).encode())

    def do_PUT(self) -> None:
        self._answer(200, b"token")

    def do_GET(self) -> None:
        role = {"Code": "Success", "AccessKeyId": ROLE_KEY, "SecretAccessKey": "s", "Token": "t"}
        role["Expiration"] = "2100-01-01T00:00:00Z"
        self._answer(200, ROLE.encode() if self.path == ROLES else json.dumps(role).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes, *, error: str = "", missing: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "audio/mpeg")
        self.send_header("Content-Length", str(len(body) + missing))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def odd() -> Iterator[Odd]:
    """Such a server, as long as it is wanted."""
    with Odd() as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            serving.join()
