"""Model servers that are as well as a file says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from polykernel_runner.protocol import ModelServiceResult, ModelServiceStatus, decode_record
from support.kernels import free_ports
from support.services import PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from support.kernels import Kernel

# Answers with the status that stands in the file "mood", "hang" being none at all; "flaky" is
# 503 every other time. Writes down who asks. It opens its port when there is a mood.
SERVER = """
import http.server, itertools, pathlib, sys, threading, time

mood = pathlib.Path("mood")
count = itertools.count(1)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("asked", "a") as asked:
            asked.write(self.path + "\\n")
        status = "200" if self.path == "/elsewhere" else mood.read_text()
        if status == "hang":
            threading.Event().wait()
        if status == "flaky":
            status = "200" if next(count) % 2 else "503"
        self.send_response(int(status))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"well")

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

print("a server is made", file=sys.stderr, flush=True)
while not mood.exists():
    time.sleep(0.01)
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
# Seconds enough for a server to start, and an answer to come, while the machine does other work.
CHECK = {"path": "/health", "max_retries": 3, "max_wait_time": 0.5}


class Model:
    """A model's directory in a kernel's work directory, and what is asked and told of it."""

    def __init__(self, kernel: Kernel, name: str = "llm") -> None:
        self.kernel = kernel
        self.name = name
        self.path = kernel.work / name
        self.path.mkdir()
        self.path.chmod(0o777)
        (self.path / "server.py").write_text(SERVER)
        (self.port,) = free_ports(1)

    def feel(self, mood: str) -> None:
        """Make the server well or not, from its next answer on."""
        (self.path / "new").write_text(mood)
        (self.path / "new").replace(self.path / "mood")

    def start(self, *run_id: bytes, **service: object) -> None:
        """Ask for a start; `service` has what differs from a server without checks."""
        given = {"start_command": [PYTHON, "server.py", str(self.port)], "port": self.port}
        body = {"name": self.name, "model_path": str(self.path), "service": {**given, **service}}
        self.kernel.send(b"start-model-service", json.dumps(body).encode(), *run_id)

    def result(self, *run_id: bytes) -> ModelServiceResult:
        """The next answer to a start."""
        frames = self.kernel.until(b"model-service-result")
        assert frames[2:] == list(run_id)
        result = decode_record(frames)
        assert isinstance(result, ModelServiceResult)
        return result

    def healthy(self, *run_id: bytes) -> bool:
        """What is told of its health next."""
        frames = self.kernel.until(b"model-service-status")
        assert frames[2:] == list(run_id)
        status = decode_record(frames)
        assert isinstance(status, ModelServiceStatus)
        assert status.model_name == self.name
        return status.is_healthy

    def asked(self) -> list[str]:
        """The paths that it was asked for until now."""
        file: Path = self.path / "asked"
        return file.read_text().splitlines() if file.exists() else []


def told(kernel: Kernel) -> list[bool]:
    """All that was told of the health of models until now."""
    records = [decode_record(frames) for frames in kernel.seen]
    return [record.is_healthy for record in records if isinstance(record, ModelServiceStatus)]
