"""A shell in a language's image, on this terminal."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
import termios
import tty
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, ImageNotFound

from polykernel_builder.errors import EngineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socket import socket

    import docker
    from docker.models.containers import Container

    from polykernel_builder.catalog import Language

CHUNK = 65536


def open_shell(client: docker.DockerClient, language: Language) -> int:
    """Run bash as the user of the image; the result is its exit code.

    Raises UsageError where there is no terminal, or no such image yet.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("a shell needs a terminal on stdin and stdout")
    try:
        container = client.containers.create(
            language.image, ["bash"], entrypoint=[], user="work", tty=True, stdin_open=True
        )
    except ImageNotFound:
        raise UsageError(
            f"there is no image {language.image} yet: invoke build --lang {language.name}"
        ) from None
    except DockerException as error:
        raise EngineError(f"{language.image}: no container can be made: {error}") from error
    try:
        return _attach(container)
    finally:
        container.remove(force=True)


def _attach(container: Container) -> int:
    wrapped: Any = container.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
    # Over a unix socket the SDK hands out a reader around the socket that can also be written to.
    connection: socket = getattr(wrapped, "_sock", wrapped)
    container.start()
    with _raw_terminal(), _following_size(container):
        _copy(connection)
    wrapped.close()
    return container.wait()["StatusCode"]


def _copy(connection: socket) -> None:
    terminal = sys.stdin.fileno()
    sources = [connection.fileno(), terminal]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if connection.fileno() in ready:
            data = connection.recv(CHUNK)
            if not data:
                return
            os.write(sys.stdout.fileno(), data)
        if terminal in ready:
            data = os.read(terminal, CHUNK)
            if data:
                connection.sendall(data)
            else:
                sources.remove(terminal)


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    # Not TCSAFLUSH, the default: it would throw away what was typed already.
    tty.setraw(descriptor, termios.TCSADRAIN)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _following_size(container: Container) -> Iterator[None]:
    def resize(*_: object) -> None:
        size = shutil.get_terminal_size()
        # A shell that has just ended has no size.
        with contextlib.suppress(DockerException):
            container.resize(height=size.lines, width=size.columns)

    before = signal.signal(signal.SIGWINCH, resize)
    resize()
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
