"""A process that the kernel kills for want of memory is named, also where the program goes on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from driving.containers import boxed
from driving.sockets import Sockets, ending, of, written

if TYPE_CHECKING:
    from driving.sockets import Frames

pytestmark = pytest.mark.parametrize("lang", ["c"])

HOG = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
    for (;;) { memset(malloc(1 << 20), 7, 1 << 20); usleep(3000); }
}
"""
JOB: dict[str, Any] = {
    "files": {"hog.c": HOG},
    "build": "cc -o hog hog.c",
    "exec": "sh -c './hog greedy; echo hog ended with $?'; echo survived",
    "stdin": "",
}


async def run(peer: Sockets, **changed: object) -> list[Frames]:
    return await peer.ask(b"run", json.dumps({**JOB, **changed}).encode())


def reports(messages: list[Frames]) -> list[str]:
    """The log records among the messages up to a run's end: who leaves then has heard it."""
    return [message[1].decode() for message in of(b"log", messages)]


async def test_a_child_that_fills_the_container_is_named_and_its_run_is_ended(lang: str) -> None:
    async with boxed(lang, memory=128 << 20) as box, Sockets(box.endpoint) as peer:
        messages = await run(peer)
        (line,) = reports(messages)

    assert written(messages) == b""
    told = ending(messages)
    assert (told["verdict"], told["reason"]) == ("memory-limit", "the container ran out of memory")
    found = re.fullmatch(
        r"ERROR out of memory: killed \d+ hog \((\d+) MiB, ran (\d+\.\d) s\) < sh < sh", line
    )
    assert found, line
    assert 40 < int(found[1]) <= 128
    assert 0 < float(found[2]) < 30


async def test_what_the_host_tells_of_it_is_not_said_twice(lang: str) -> None:
    event = json.dumps({"type": "oom", "data": {}}).encode()
    async with boxed(lang, memory=128 << 20) as box, Sockets(box.endpoint) as peer:
        first = reports(await run(peer))
        await peer.send(b"event", event)
        messages = await run(peer, build=False)
        second = reports(messages)
        await peer.send(b"event", event)
        rest = await peer.ask(b"exec", b"echo next")

    assert [len(first), len(second), len(of(b"log", rest))] == [1, 1, 0]
    assert all(" hog " in line for line in first + second)


async def test_the_program_itself_is_named_and_its_verdict_says_so(lang: str) -> None:
    async with boxed(lang, memory=128 << 20) as box, Sockets(box.endpoint) as peer:
        messages = await run(peer, exec="exec ./hog itself")
        (line,) = reports(messages)

    assert ending(messages)["verdict"] == "memory-limit"
    assert re.search(r"killed \d+ hog \(\d+ MiB, ran \d+\.\d s\)$", line), line


async def test_an_event_that_nobody_needs_harms_nothing(lang: str) -> None:
    async with boxed(lang) as box, Sockets(box.endpoint) as peer:
        await peer.send(b"event", b'{"type": "rain", "data": {}}')
        (told,) = await peer.until(b"log")
        after = await peer.ask(b"exec", b"echo next")

    assert told[1] == b"INFO the host tells of 'rain'"
    assert written(after) == b"next\n"
