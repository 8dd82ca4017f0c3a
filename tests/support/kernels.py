"""Runners as processes of their own, without a container, and a peer of their sockets."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

import zmq

from polykernel_runner.protocol import Finished, Output, decode_record, run_id_of
from support.programs import MARK, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from polykernel_runner.protocol import Record

# Whom user code runs as where the tests have root: nobody, and no other test run's user.
USER = 20_000 + os.getpid() % 40_000
ENDINGS = {b"clean-finished", b"build-finished", b"finished"}

TOY = Path(__file__).with_name("toy_language.py")


Stream: TypeAlias = "int | IO[str] | None"


@dataclass(slots=True)
class Kernel:
    """A runner's process and its sockets, as a client has them."""

    process: subprocess.Popen[bytes]
    requests: zmq.Socket[bytes]
    records: zmq.Socket[bytes]
    keys: zmq.Socket[bytes]
    screen: zmq.Socket[bytes]
    work: Path
    seen: list[list[bytes]] = field(default_factory=list)

    def send(self, *frames: bytes) -> None:
        self.requests.send_multipart(frames)

    def frames(self) -> list[bytes]:
        """The next record's frames."""
        if not self.records.poll(int(PATIENCE * 1000)):
            raise AssertionError(f"no record comes; so far: {self.seen[-20:]}")
        frames = self.records.recv_multipart()
        self.seen.append(frames)
        return frames

    def record(self) -> Record:
        return decode_record(self.frames())

    def until(self, kind: bytes) -> list[bytes]:
        """The next record of a type; what comes before it is passed over (see `seen`)."""
        while True:
            frames = self.frames()
            if frames[0] == kind:
                return frames

    def ending(self) -> Finished:
        """The next record that ends a run."""
        while True:
            frames = self.frames()
            if frames[0] in ENDINGS:
                ending = decode_record(frames)
                assert isinstance(ending, Finished)
                return ending

    def do(self, *frames: bytes) -> tuple[Finished, bytes, bytes]:
        """Ask for a run; return its ending (of `finished`), and what it printed."""
        run_id = run_id_of(frames)
        self.send(*frames)
        said = {"stdout": bytearray(), "stderr": bytearray()}
        while True:
            got = self.frames()
            record = decode_record(got)
            if isinstance(record, Output):
                said[record.stream] += record.data
            elif isinstance(record, Finished) and record.step == "exec":
                assert run_id_of(got) == run_id
                return record, bytes(said["stdout"]), bytes(said["stderr"])

    def run(self, **job: object) -> tuple[Finished, bytes, bytes]:
        return self.do(b"run", json.dumps(job).encode())

    def logged(self) -> list[str]:
        """All that came of the log until now; `status` stands behind it in the runner's queue."""
        self.send(b"status", b"")
        self.until(b"status")
        return [frames[1].decode() for frames in self.seen if frames[0] == b"log"]

    def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for a while."""
        return not self.records.poll(int(seconds * 1000))

    def wait(self) -> int:
        return self.process.wait(PATIENCE)


class Kernels:
    """Starts kernels; leaving the block ends them and removes their directories.

    With `same_user` the runner cannot give user code another uid, as in a container that is started
    without the capabilities for it.
    """

    def __init__(self, launcher: Path, *, same_user: bool = False) -> None:
        self._launcher = launcher
        drops = same_user and os.geteuid() == 0
        self._before = ("setpriv", "--bounding-set", "-setuid") if drops else ()
        self._stack = ExitStack()
        self.context = zmq.Context()
        self._sockets: list[zmq.Socket[bytes]] = []

    def __enter__(self) -> Self:
        self._stack.callback(self.context.destroy, linger=0)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def directory(self) -> Path:
        """A directory that whoever runs user code may reach (pytest's own are 0700)."""
        path = Path(tempfile.mkdtemp(prefix="polykernel-test-"))
        self._stack.callback(shutil.rmtree, path, ignore_errors=True)
        path.chmod(0o755)
        return path

    def environ(self, home: Path, **more: str) -> dict[str, str]:
        work = home / "work"
        work.mkdir()
        if os.geteuid() == 0:
            os.chown(work, USER, USER)
        (home / "config").mkdir()
        (home / "tmp").mkdir()
        (home / "tmp").chmod(0o1777)
        shutil.copy(TOY, home / "language.py")
        shutil.copy(self._launcher, home / "launch")
        return {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            **MARK,
            "TMPDIR": str(home / "tmp"),
            "LOCAL_USER_ID": str(USER),
            "LOCAL_GROUP_ID": str(USER),
            "POLYKERNEL_WORK": str(work),
            "POLYKERNEL_SCRATCH": str(home / "tmp"),
            "POLYKERNEL_CONFIG": str(home / "config"),
            "POLYKERNEL_LANGUAGE": str(home / "language.py"),
            "POLYKERNEL_LAUNCHER": str(home / "launch"),
            **more,
        }

    def popen(
        self,
        env: dict[str, str],
        *args: str,
        stdin: Stream = subprocess.DEVNULL,
        stderr: Stream = None,
    ) -> subprocess.Popen[bytes]:
        argv = [*self._before, sys.executable, "-m", "polykernel_runner", *args]
        process = subprocess.Popen(argv, env=env, stdin=stdin, stderr=stderr)
        self._stack.callback(_end, process)
        return process

    def start(
        self,
        *args: str,
        tcp: bool = False,
        env: Mapping[str, str] | None = None,
        stdin: Stream = subprocess.DEVNULL,
        stderr: Stream = None,
        config: Mapping[str, str] | None = None,
        work: Mapping[str, str] | None = None,
        prepare: Callable[[Path], object] | None = None,
    ) -> Kernel:
        """Start a kernel that is spoken to over tcp in the clear, or over ipc where it can be.

        `config` and `work` are texts of files in /home/config and in the work directory; what
        else is to be done there, `prepare` does.
        """
        home = self.directory()
        environ = self.environ(home, **(env or {}))
        for directory, files in (("config", config), ("work", work)):
            for name, text in (files or {}).items():
                (home / directory / name).write_text(text)
        if prepare is not None:
            prepare(home / "work")
        if tcp or os.geteuid() != 0:
            names = ("replin", "replout", "termin", "termout")
            ports = dict(zip(names, free_ports(4), strict=True))
            (home / "config/intrinsic-ports.json").write_text(json.dumps(ports))
            environ["POLYKERNEL_AUTH"] = "none"
            addresses = [f"tcp://127.0.0.1:{port}" for port in ports.values()]
        else:
            (home / "run").mkdir(mode=0o700)
            environ["POLYKERNEL_RUN"] = str(home / "run")
            addresses = [
                f"ipc://{home}/run/{name}" for name in ("in", "out", "term-in", "term-out")
            ]
        process = self.popen(environ, *args, stdin=stdin, stderr=stderr)
        kinds = (zmq.PUSH, zmq.PULL, zmq.XPUB, zmq.SUB)
        peers = [self.context.socket(kind) for kind in kinds]
        for peer, address in zip(peers, addresses, strict=True):
            peer.setsockopt(zmq.RECONNECT_IVL, 10)
            peer.connect(address)
            self._sockets.append(peer)  # it is closed here, not wherever it is forgotten
        requests, records, keys, screen = peers
        screen.subscribe(b"")
        return Kernel(process, requests, records, keys, screen, home / "work")


def free_ports(count: int) -> list[int]:
    """Numbers of ports that nobody has just now.

    They are below those that the system gives to whoever connects (32768 and more by default), so
    that no connection of the tests takes one before it is listened at.
    """
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            port = random.randint(10_000, 32_000)  # noqa: S311 - for no secret
            item = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                item.bind(("127.0.0.1", port))
                found.append(port)
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
