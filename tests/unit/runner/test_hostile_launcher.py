"""What comes on the launcher's control socket may be anything: its program ends all the same, it
tells no nonsense, and touches no memory that is not its own (sanitizers watch)."""

from __future__ import annotations

import random
import re
import select
import socket
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0
TOLD = re.compile(
    rb"start 0 \d+|over (wall|cpu|memory|processes|container)|usage \d+ \d+ \d+"
    rb"|exit \d+|end \d+ \d+"
)
NUMBERS = ("0", "1", "-1", "+7", "4096", "9" * 18, "9" * 40, "-" + "9" * 40, "0x10", "1e9", "", "x")
# What does not end the program, as its first letter says; all else does.
HARMLESS = b"otwui"
# It and its child, which both must have gone before the last word.
STUBBORN = "trap '' INT TERM; sleep 1000 & echo ready; while :; do wait; done"


@pytest.fixture(params=range(40))
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)  # noqa: S311 - no secret


def an_order(chance: random.Random) -> bytes:
    """What the runner might send, or something near it, or anything."""
    kind = chance.choice(["bytes", "letters", "work", "work", "long"])
    if kind == "bytes":
        return HARMLESS[:1] + chance.randbytes(chance.randrange(127))
    if kind == "letters":
        return bytes([chance.choice(HARMLESS)])
    if kind == "long":
        return bytes([chance.choice(HARMLESS)]) * chance.choice((126, 127, 128, 129, 4096, 100_000))
    words = [chance.choice(NUMBERS) for _ in range(chance.randrange(7))]
    return " ".join(["w", *words]).encode()


class Launched:
    """A launcher, the other end of its control socket, and all that it has told."""

    def __init__(self, launcher: Path, *options: str) -> None:
        self.told: list[bytes] = []
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with closing(theirs):
            command = [str(launcher), "-c", str(theirs.fileno()), *options]
            self.process = subprocess.Popen(
                [*command, "--", "sh", "-c", STUBBORN],
                pass_fds=(theirs.fileno(),),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def send(self, order: bytes) -> None:
        """Send it, and hear meanwhile what there is to hear."""
        self.hear()
        self.control.send(order)

    def hear(self) -> None:
        while select.select([self.control], [], [], 0)[0]:
            if not (message := self.control.recv(4096)):
                return
            self.told.append(message)

    def end(self) -> bytes:
        """Return what was written to standard error, when the launcher has ended."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        self.hear()
        return errors


@pytest.fixture
def launched(sanitized_launcher: Path) -> Iterator[Launched]:
    it = Launched(sanitized_launcher)
    with it.control:
        assert it.process.stdout is not None
        assert it.process.stdout.readline() == b"ready\n"
        try:
            yield it
        finally:
            it.process.kill()
            it.process.communicate(timeout=PATIENCE)


def assert_ended(it: Launched) -> None:
    """All that it started has gone before its last word, and it told what there is to tell."""
    errors = it.end()
    assert errors == b""
    assert it.process.returncode == 0
    assert all(TOLD.fullmatch(message) for message in it.told), it.told
    kinds = [message.split()[0] for message in it.told]
    assert (kinds[0], kinds[-1], kinds.count(b"exit")) == (b"start", b"end", 1)


def test_after_any_orders_it_still_obeys(launched: Launched, chance: random.Random) -> None:
    for _ in range(50):
        launched.send(an_order(chance))
    launched.send(b"w 0 0 0 0")
    launched.send(b"u")
    launched.send(b"k")
    assert_ended(launched)
    assert any(message.startswith(b"usage") for message in launched.told)
    assert b"exit 9" in launched.told


def test_what_is_no_order_ends_the_program(launched: Launched, chance: random.Random) -> None:
    for _ in range(5):
        launched.send(an_order(chance))
    first = chance.choice([number for number in range(256) if number not in HARMLESS])
    launched.send(bytes([first]) + chance.randbytes(chance.randrange(200)))
    assert_ended(launched)


def test_a_runner_that_goes_in_the_midst_ends_the_program(
    launched: Launched, chance: random.Random
) -> None:
    for _ in range(10):
        launched.send(an_order(chance))
    launched.control.shutdown(socket.SHUT_WR)
    assert_ended(launched)


def test_an_empty_order_ends_the_program(launched: Launched) -> None:
    launched.control.send(b"")
    assert_ended(launched)


def test_orders_without_end_that_nobody_hears_the_answers_of(launched: Launched) -> None:
    """A full socket is no reason to wait: what does not fit in is not told."""
    launched.control.settimeout(PATIENCE)
    for _ in range(20_000):
        launched.control.send(b"u")
    launched.control.send(b"k")
    assert launched.end() == b""
    assert launched.process.returncode == 0


OPTIONS = [f"-{letter}" for letter in "wrpaiugdtfCWUMNx"]


def test_odd_options_end_it_with_a_word_or_run_the_program(
    sanitized_launcher: Path, chance: random.Random
) -> None:
    words: list[str] = []
    for _ in range(chance.randrange(1, 6)):
        words.append(chance.choice(OPTIONS))
        words.append(chance.choice([*NUMBERS, "999", "/nowhere", "\udcff" * 300]))
    it = Launched(sanitized_launcher, *words)
    with it.control:
        it.control.shutdown(socket.SHUT_WR)
        errors = it.end()
    assert b"Sanitizer" not in errors
    assert b"runtime error" not in errors
    assert it.process.returncode >= 0, "it was ended by a signal"
    assert all(TOLD.fullmatch(message) for message in it.told), it.told
