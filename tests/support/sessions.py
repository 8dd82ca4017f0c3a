"""Runners whose sessions are test programs, and queries to them."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_runner import serving
from support.programs import GLANCE, PATIENCE

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels

MIB = 1024 * 1024
# One that whoever runs user code may run.
PYTHON = "/usr/bin/python3" if os.geteuid() == 0 else sys.executable
SERVER = """
from polykernel_runner.language import EvaluationServer

name = "toy"
query = EvaluationServer(
    argv=({argv}, "{{socket}}"), assists=({assists}), insistence={insistence}
)
"""
JUPYTER = """
from polykernel_runner.language import JupyterKernel

name = "toy"
query = JupyterKernel(argv=({argv}, "{{connection_file}}"))
"""
TOY_SERVER = Path(__file__).with_name("toy_server.py")
TOY_JUPYTER = Path(__file__).with_name("toy_jupyter.py")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query came to."""

    verdict: str
    exit_code: int
    state: str
    stdout: bytes
    stderr: bytes
    reason: str


def query(kernel: Kernel, code: str, **job: object) -> Answer:
    """Evaluate code; its input is at its end unless the job says otherwise."""
    kernel.seen.clear()
    ending, out, err = kernel.run(code=code, **{"stdin": "", **job})
    return Answer(ending.verdict, ending.exit_code, ending.state, out, err, ending.reason or "")


def start_server(
    kernels: Kernels, server: str | Path, assists: str = "", *, insistence: int = 1
) -> Kernel:
    """A runner whose queries an evaluation server in Python evaluates: its text, or its file."""
    directory = kernels.directory()
    script = directory / "server.py"
    if isinstance(server, Path):
        shutil.copy(server, script)
        shutil.copy(serving.__file__, directory / "serving.py")
    else:
        script.write_text(server)
    argv = f"{PYTHON!r}, '-u', {str(script)!r}"
    text = SERVER.format(argv=argv, assists=assists, insistence=insistence)
    return _start(kernels, directory, text)


def start_jupyter(kernels: Kernels) -> Kernel:
    """A runner whose queries the toy kernel evaluates; of kernels for the `same_user`.

    What the toy is made of (pyzmq) nobody else may be able to read.
    """
    argv = f"{sys.executable!r}, '-u', {str(TOY_JUPYTER)!r}"
    return _start(kernels, kernels.directory(), JUPYTER.format(argv=argv), tcp=True)


def _start(kernels: Kernels, directory: Path, language: str, *, tcp: bool = False) -> Kernel:
    path = directory / "language.py"
    path.write_text(language)
    return kernels.start(tcp=tcp, env={"POLYKERNEL_LANGUAGE": str(path)})


def assert_lost(answer: Answer, why: str = "the session ") -> None:
    assert (answer.verdict, answer.exit_code, answer.state) == ("error", 1, "lost"), answer
    assert why in answer.reason
    assert answer.reason.endswith("; it was ended")


def memory_of(kernel: Kernel) -> int:
    """Bytes that the runner has at most had in memory."""
    text = Path(f"/proc/{kernel.process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def until_exists(path: Path) -> None:
    """Return when a file is there that a session makes."""
    end = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(GLANCE)
