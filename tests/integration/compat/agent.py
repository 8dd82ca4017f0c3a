"""A kernel of ours with a Backend.AI agent before it."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driving.containers import running
from polykernel.ports import SERVICE_PORTS_LABEL, service_ports
from polykernel_builder.environments import clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

DRIVER = Path(__file__).with_name("driver.py")
HOST = "127.0.0.1"
PORTS = ("2000/tcp", "2001/tcp")
WORK = "/home/work"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the agent told of one run."""

    results: list[dict[str, Any]]

    @property
    def steps(self) -> list[tuple[str, int | None]]:
        """What happened, with exit codes, without the agent's "nothing new yet"."""
        told = [(result["status"], result["exitCode"]) for result in self.results]
        return [step for step in told if step[0] != "continued"]

    @property
    def console(self) -> list[tuple[str, Any]]:
        """What a user's console shows: kinds and their texts, or types and data of media."""
        return [(kind, data) for result in self.results for kind, data in result["console"]]

    @property
    def options(self) -> list[dict[str, Any]]:
        """What the requests for input asked for."""
        return [result["options"] for result in self.results if result["options"]]

    @property
    def kernel_status(self) -> dict[str, Any]:
        """What the kernel said of itself before it was interrupted."""
        (status,) = (result["kernelStatus"] for result in self.results if "kernelStatus" in result)
        assert isinstance(status, dict)
        return status

    def text(self, kind: str) -> str:
        return "".join(data for shown, data in self.console if shown == kind)


class Agent:
    """Asks the agent in its own process. `busy` says that an answer never came."""

    def __init__(self, process: subprocess.Popen[str], container: Container) -> None:
        self._process = process
        self._container = container
        self.busy = False

    def batch(self, **request: Any) -> Seen:  # noqa: ANN401
        """Run steps; `opts` has their commands."""
        return Seen(results=self.ask(ask="execute", mode="batch", **request))

    def query(self, text: str, **request: Any) -> Seen:  # noqa: ANN401
        return Seen(results=self.ask(ask="execute", mode="query", text=text, **request))

    def ask(self, **request: Any) -> Any:  # noqa: ANN401
        """Return the agent's answer to any request; driver.py knows which there are."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.busy = True
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the agent's process has ended; what it said is on stderr"
        self.busy = False
        return json.loads(line)

    def get(self, port: int, path: str = "/") -> tuple[int, bytes]:
        """Fetch a page of an app, as who is inside the container."""
        fetch = (
            "import sys, urllib.request as r, urllib.error as e\n"
            "try: a = r.urlopen(sys.argv[1], timeout=20)\n"
            "except e.HTTPError as error: a = error\n"
            "sys.stdout.buffer.write(b'%d ' % a.status + a.read())"
        )
        url = f"http://127.0.0.1:{port}{path}"
        done = self._container.exec_run(["/usr/bin/python3", "-I", "-c", fetch, url])
        assert isinstance(done.output, bytes)
        code, _, body = done.output.partition(b" ")
        return int(code), body

    def service_port(self, name: str) -> int:
        """The container's port of an app."""
        return service_ports(_services(self._container))[name][0]

    def upload(self, files: dict[str, str]) -> None:
        """Put files into the work directory, where a Backend.AI host mounts its users' files."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, text in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text.encode())
                tar.addfile(entry, io.BytesIO(text.encode()))
        self._container.put_archive(WORK, archive.getvalue())


@contextmanager
def agent(lang: str, python: Path) -> Iterator[Agent]:
    """Start a container as `docker run` does, and an agent that connects to it at once."""
    ports = dict.fromkeys(PORTS, (HOST,))
    with running(lang, ports=ports, environment={"POLYKERNEL_AUTH": "none"}) as container:
        published = _published(container)
        process = subprocess.Popen(
            [
                str(python),
                "-I",
                "-W",
                "ignore",
                str(DRIVER),
                HOST,
                *published,
                _services(container),
            ],
            env=clean_environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Agent(process, container)
            finally:
                process.kill()


def _services(container: Container) -> str:
    return str(container.labels.get(SERVICE_PORTS_LABEL, ""))


def _published(container: Container) -> list[str]:
    container.reload()
    bound = container.ports
    return [str(given[0]["HostPort"]) for port in PORTS if (given := bound[port])]


class Agents:
    """One agent for each language, replaced when a test has left it busy."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self._open: dict[str, tuple[Agent, ExitStack]] = {}

    def get(self, lang: str) -> Agent:
        if lang in self._open and self._open[lang][0].busy:
            self._open.pop(lang)[1].close()
        if lang not in self._open:
            stack = ExitStack()
            self._open[lang] = stack.enter_context(agent(lang, self._python)), stack
        return self._open[lang][0]

    def close(self) -> None:
        with ExitStack() as every:
            for _, stack in self._open.values():
                every.callback(stack.close)
