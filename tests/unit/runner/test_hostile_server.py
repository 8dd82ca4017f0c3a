"""User code shares its evaluation server's process, and may send anything to the runner.

It finds the server's socket among its objects; what it sends there comes from the server.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from support.sessions import (
    MIB,
    TOY_SERVER,
    Answer,
    assert_lost,
    memory_of,
    query,
    start_server,
    until_exists,
)

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels

WIRE = """
import gc, socket, threading, time
from pathlib import Path
wire = next(x for x in gc.get_objects() if isinstance(x, socket.socket) and x.fileno() > 2)
"""
STAY = "\ntime.sleep(1000)"
# A server that answers as `answers` says: by the kind of message, or all with `else`.
ANSWERS = """
import os, signal, socket, sys, time
wire = socket.socket(socket.AF_UNIX)
wire.connect(sys.argv[1])
wire.sendall({ready})
file = wire.makefile("rb")
def answer(kind, words):
    {does}
while header := file.readline().split():
    file.read(int(header[-1]))
    answer(header[0].decode(), header)
"""


def answering(does: str, *, ready: bytes = b"ready 0\n") -> str:
    return ANSWERS.format(ready=repr(ready), does=does.replace("\n", "\n    "))


@pytest.fixture(scope="module")
def kernel(launcher_kernels: Kernels) -> Kernel:
    return start_server(launcher_kernels, TOY_SERVER)


def assert_works(kernel: Kernel) -> None:
    """A query is answered, and what it prints is all that it has."""
    assert query(kernel, "print(6 * 7)") == Answer("ok", 0, "kept", b"42\n", b"", "")
    assert {frames[0] for frames in kernel.seen} == {b"stdout", b"finished"}


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"0\n",
        b"done\n",
        b"done 0 -1\n",
        b"done 0 +0\n",
        b"done -1 0\n",
        b"done 0 0 0\n",
        b"done 0 3\nxyz",
        b"done 99999999999999999999 0\n",
        b"x" * 300,
        b"media image/png 67108865\n",
        b"media image/png 9999999999999999999999999999\n",
        b"media 3\nabc",
        b"completions 0 0 1\na",
        b"inspection 1\na",
        b"completeness complete 0\n",
        b"ready 0\n",
        b"\xff\xfe 0\n",
    ],
)
def test_what_is_malformed_ends_the_session_at_once(kernel: Kernel, sent: bytes) -> None:
    assert_lost(query(kernel, f"{WIRE}print('before', flush=True)\nwire.sendall({sent!r}){STAY}"))
    assert_works(kernel)


def test_what_was_printed_before_is_delivered(kernel: Kernel) -> None:
    answer = query(kernel, f"{WIRE}print('before', flush=True)\nwire.sendall(b'x 0\\n'){STAY}")
    assert answer.stdout == b"before\n"
    assert_lost(answer, "sent 'x' during a query")


def test_a_second_done_is_no_ending_of_the_next_query(kernel: Kernel) -> None:
    answer = query(kernel, f"{WIRE}wire.sendall(b'done 0 0\\ndone 0 0\\n')")
    assert_lost(answer, "after its query had ended")
    assert_works(kernel)


def test_what_comes_between_two_queries_is_told_by_the_second(kernel: Kernel) -> None:
    mark = kernel.work / "mark"
    later = (
        f"{WIRE}mark = Path({str(mark)!r})\n"
        "def late():\n"
        "    while not mark.exists(): time.sleep(0.001)\n"
        "    wire.sendall(b'done 0 0\\n')\n"
        "    mark.with_suffix('.done').touch()\n"
        "threading.Thread(target=late, daemon=True).start()"
    )
    mark.unlink(missing_ok=True)
    assert query(kernel, later).verdict == "ok"
    mark.touch()
    until_exists(mark.with_suffix(".done"))
    answer = query(kernel, "print('not run')")
    assert answer.stdout == b""
    assert_lost(answer, "between two queries")
    assert_works(kernel)


def test_what_is_printed_between_queries_is_nobodys(kernel: Kernel) -> None:
    mark = kernel.work / "print"
    later = (
        f"{WIRE}mark = Path({str(mark)!r})\n"
        "def late():\n"
        "    while not mark.exists(): time.sleep(0.001)\n"
        "    print('late', flush=True)\n"
        "    mark.with_suffix('.done').touch()\n"
        "threading.Thread(target=late, daemon=True).start()"
    )
    assert query(kernel, later).verdict == "ok"
    mark.touch()
    until_exists(mark.with_suffix(".done"))
    assert_works(kernel)


def test_a_server_that_sends_before_it_is_asked_never_ends_a_query(kernels: Kernels) -> None:
    kernel = start_server(kernels, answering("pass", ready=b"ready 0\ndone 0 0\n"))
    for _ in range(2):
        assert_lost(query(kernel, "x"), "between two queries")


def test_media_without_waiting_is_taken_as_fast_as_it_is_shown(kernel: Kernel) -> None:
    """Who never reads that it has been shown is ended before the runner waits for it."""
    storm = f"{WIRE}while True: wire.sendall(b'media text/html 1\\na')"
    assert_lost(query(kernel, storm), "does not read what it is sent")
    assert_works(kernel)


def test_what_is_beyond_the_limit_of_output_is_not_held(kernels: Kernels) -> None:
    kernel = start_server(kernels, TOY_SERVER)
    assert_works(kernel)
    before = memory_of(kernel)
    code = "for _ in range(3): show('image/png', bytes(60 * 1024 * 1024))\nprint('end')"
    ending, out, _ = kernel.run(code=code, stdin="", limits={"output": 1000})
    assert (ending.verdict, out) == ("ok", b"end\n")
    assert ending.dropped_stdout == 3 * 60 * MIB
    assert memory_of(kernel) - before < 20 * MIB


def test_a_connection_that_is_closed_ends_the_session(kernel: Kernel) -> None:
    answer = query(kernel, f"{WIRE}wire.shutdown(socket.SHUT_RDWR){STAY}")
    assert_lost(answer, "closed its connection and lived on")
    assert_works(kernel)


def ask(kernel: Kernel, code: str = "pri") -> list[str]:
    kernel.send(b"complete", json.dumps({"code": code}).encode())
    found: list[str] = json.loads(kernel.until(b"completion")[1])["suggestions"]
    return found


EVALUATES = 'if kind == "evaluate": wire.sendall(b"done 0 0\\n")\n'


@pytest.mark.parametrize(
    "answer",
    [
        b"done 0 0\n",
        b"media image/png 1\na",
        b"inspection 1\na",
        b"completions x 1 1\na",
        b"completions 0 1\na",
        b"completions 0 1 5000000\n" + b"a" * 5000000,
        b"nonsense",
        b"\xff 0\n",
    ],
    ids=["done", "media", "another answer", "no place", "short", "large", "no header", "no ASCII"],
)
def test_a_malformed_answer_is_told_by_the_next_query(kernels: Kernels, answer: bytes) -> None:
    does = EVALUATES + f"else: wire.sendall({answer[:50]!r} + b'a' * {len(answer) - 50})"
    if answer == b"nonsense":
        does = EVALUATES + "else: wire.sendall(b'nonsense' * 40)"
    kernel = start_server(kernels, answering(does), "'complete'")
    assert query(kernel, "x").verdict == "ok"
    assert ask(kernel) == []
    assert_lost(query(kernel, "x"))
    assert query(kernel, "x").state == "kept"


def test_two_answers_are_told_by_the_next_query(kernels: Kernels) -> None:
    does = EVALUATES + 'else: wire.sendall(b"completions 0 1 1\\na" * 2)'
    kernel = start_server(kernels, answering(does), "'complete'")
    assert ask(kernel) == ["a"]
    assert_lost(query(kernel, "x"), "between two queries")
    assert query(kernel, "x").state == "kept"


@pytest.mark.parametrize(
    "does",
    ["os.kill(os.getpid(), signal.SIGSTOP)", "signal.signal(2, lambda *_: 0)\n    while 1: 0"],
)
def test_a_session_that_never_answers_a_question_is_replaced(kernels: Kernels, does: str) -> None:
    kernel = start_server(kernels, answering(EVALUATES + f"else:\n    {does}"), "'complete'")
    assert query(kernel, "x").verdict == "ok"
    assert ask(kernel) == []
    assert_lost(query(kernel, "x"), "did not answer a question about code")
    assert query(kernel, "x").state == "kept"


def test_a_flood_of_questions_is_answered(kernels: Kernels) -> None:
    does = EVALUATES + 'else:\n    time.sleep(0.05)\n    wire.sendall(b"completions 0 1 1\\na")'
    kernel = start_server(kernels, answering(does), "'complete'")
    assert query(kernel, "x").verdict == "ok"
    count = 3000
    for _ in range(count):
        kernel.send(b"complete", b'{"code": "x"}')
    answers = [json.loads(kernel.until(b"completion")[1])["suggestions"] for _ in range(count)]
    # Those for which there is no room are answered at once, before any that has to be asked.
    assert answers[0] == []
    assert ["a"] in answers
    assert query(kernel, "x").verdict == "ok"


WORDS = (b"done", b"media", b"ready", b"completions", b"image/png", b"text/html", b"0", b"1", b"7",
         b"-1", b"x", b"\xc3\xa4", b"99999999999", b"", b" ")  # fmt: skip


def anything(chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(400))
    words = [chance.choice(WORDS) for _ in range(chance.randrange(1, 5))]
    return b" ".join(words) + b"\n" + chance.randbytes(chance.randrange(3))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_sent_the_query_is_answered_and_the_next_works(
    kernel: Kernel, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    sent = [anything(chance) for _ in range(chance.randrange(1, 4))]
    answer = query(kernel, f"{WIRE}wire.sendall({b''.join(sent)!r})", limits={"wallTime": 2})
    assert answer.verdict in ("ok", "error", "time-limit"), (sent, answer)
    query(kernel, "print(6 * 7)", limits={"wallTime": 2})  # what came late is told by this one
    assert_works(kernel)
