"""The sides that are measured: how each is started, and how it is spoken to."""

from __future__ import annotations

import os
import textwrap
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from bench.containers import Engine, Mount, Plan
from bench.errors import BenchError
from bench.figures import ORIGINAL, OURS
from bench.peer import Peer
from polykernel.private import PrivateDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bench.original import Original
    from polykernel_builder.catalog import Tree

Transport: TypeAlias = Literal["ipc", "tcp"]

NOTHING: Mapping[str, str] = {}
SOCKETS = "/run/polykernel"
RUNNER_PYTHON = "/opt/polykernel/env/bin/python"
RUNTIME_PATH = "ai.backend.runtime-path"
# The least that can be reached over the same sockets, and what follows answers a request.
BARE = """
import json, subprocess, time, zmq
context = zmq.Context()
requests, replies = context.socket(zmq.PULL), context.socket(zmq.PUSH)
requests.bind("ipc:///run/polykernel/in")
replies.bind("ipc:///run/polykernel/out")
while True:
    kind, payload = requests.recv_multipart()
"""
ECHO = 'replies.send_multipart([b"status", payload])'


@dataclass(frozen=True, slots=True)
class Subject:
    """A container that answers."""

    container: str
    peer: Peer


@dataclass(frozen=True)
class World:
    """What experiments are made of. `original` is None unless it is asked for.

    `retry` is how often, in milliseconds, is looked whether a container listens: each look costs
    the machine that is measured a little.
    """

    tree: Tree
    engine: Engine
    original: Original | None = None
    transport: Transport = "ipc"
    retry: int = 1

    def image(self, lang: str) -> str:
        """The image of a language."""
        return f"{self.tree.language(lang).image}:latest"

    def sides(self, lang: str) -> dict[str, Callable[[], AbstractContextManager[Subject]]]:
        """Ours, and the original if it is to be measured; opening one is `docker run`."""
        sides: dict[str, Callable[[], AbstractContextManager[Subject]]]
        sides = {OURS: lambda: self.ours(lang)}
        if self.original is not None:
            sides[ORIGINAL] = lambda: self.theirs(lang)
        return sides

    @contextmanager
    def ours(self, lang: str, env: Mapping[str, str] = NOTHING) -> Iterator[Subject]:
        """A kernel as our client starts it, that nobody has spoken to yet."""
        if self.transport == "tcp":
            env = {**env, "POLYKERNEL_AUTH": "none"}
            plan = Plan(image=self.image(lang), env=env, network=True)
            with self._by_tcp(plan, OURS) as subject:
                yield subject
        else:
            with self._by_ipc(Plan(image=self.image(lang), env=env), OURS) as subject:
                yield subject

    @contextmanager
    def theirs(self, lang: str) -> Iterator[Subject]:
        """The original in the same image."""
        if self.original is None:
            raise BenchError("the original is not installed; ask for it: --against-original")
        image = self.image(lang)
        runtime = self.engine.labels(image)[RUNTIME_PATH]
        with self._by_tcp(self.original.plan(image, lang, runtime), ORIGINAL) as subject:
            yield subject

    @contextmanager
    def bare(self, lang: str, body: str, *, name: str) -> Iterator[Subject]:
        """A loop of pyzmq in the same image, without a runner."""
        plan = Plan(
            image=self.image(lang),
            entrypoint=(RUNNER_PYTHON, "-I", "-c", BARE + textwrap.indent(body, "    ")),
            # Of the one who may open the directory of the sockets.
            user=(os.geteuid(), os.getegid()),
        )
        with self._by_ipc(plan, name) as subject:
            yield subject

    @contextmanager
    def _by_ipc(self, plan: Plan, whose: str) -> Iterator[Subject]:
        with ExitStack() as stack:
            directory = stack.enter_context(private_directory())
            peer = stack.enter_context(Peer(whose, self.retry))
            peer.connect(f"ipc://{directory}/in", f"ipc://{directory}/out")
            plan = _with_sockets(plan, directory)
            yield Subject(stack.enter_context(self.engine.container(plan)), peer)

    @contextmanager
    def _by_tcp(self, plan: Plan, whose: str) -> Iterator[Subject]:
        with Peer(whose, self.retry) as peer, self.engine.container(plan) as name:
            address = self.engine.address(name)
            peer.connect(f"tcp://{address}:2000", f"tcp://{address}:2001")
            yield Subject(name, peer)


@contextmanager
def private_directory() -> Iterator[Path]:
    """A directory for sockets, as our client makes them."""
    directory = PrivateDirectory()
    try:
        yield directory.path
    finally:
        directory.close()


def _with_sockets(plan: Plan, directory: Path) -> Plan:
    return replace(plan, mounts=(*plan.mounts, Mount(directory, SOCKETS, writable=True)))
