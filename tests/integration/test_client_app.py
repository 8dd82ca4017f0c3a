"""`polykernel app`: an app from the command line, until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from driving import web
from driving.command import COMMAND
from driving.containers import of_client

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def app(lang: str, name: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "app", lang, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("lang", ["python"])
def test_an_app_says_where_it_is_and_ends_with_its_command(lang: str) -> None:
    with app(lang, "notebook") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert web.get(address).status == 200
        assert web.get(address.partition("tree")[0] + "api/kernels").status == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert of_client(process.pid) == []


@pytest.mark.parametrize("lang", ["c"])
def test_a_tcp_app_says_what_it_takes_to_enter(lang: str) -> None:
    with app(lang, "sshd") as process:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().strip().rpartition(":")
        told = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=20)[0]
    assert (host, port.isdecimal()) == ("127.0.0.1", True)
    assert told[0] == "username: work\n"
    assert "PRIVATE KEY" in told[1] + rest


@pytest.mark.parametrize("lang", ["c"])
def test_an_app_that_the_image_lacks_is_one_clear_line(lang: str) -> None:
    done = subprocess.run(
        [*COMMAND, "app", lang, "jupyterlab"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no service 'jupyterlab'; it has sshd, ttyd" in done.stderr
    assert done.stderr.count("\n") == 1
