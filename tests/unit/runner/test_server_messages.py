"""What a client sends, fit or unfit, and what it hears of it."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import msgpack
import pytest

from polykernel_runner.protocol import Hello, Log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.kernels import Kernel, Kernels


@pytest.fixture(scope="module")
def shared(launcher_kernels: Kernels) -> Kernel:
    return launcher_kernels.start()


@pytest.fixture
def kernel(shared: Kernel) -> Iterator[Kernel]:
    """One kernel for all: whatever a test sends must harm none of the others."""
    shared.seen.clear()
    yield shared
    shared.send(b"exec", b"echo still here", b"the end of a test")
    while shared.frames() != [b"stdout", b"still here\n", b"the end of a test"]:
        pass
    shared.until(b"finished")


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        ([b"sing", b"loud"], "unknown request type 'sing'"),
        ([b"status"], "a message has two or three frames, this one 1"),
        ([b"status", b"", b"", b""], "a message has two or three frames, this one 4"),
        ([b"status", b"", b""], "a run id has 1 to 64 bytes, this one 0"),
        ([b"input", b"\xff"], "the payload of 'input' is not UTF-8"),
        ([b"cancel", b"nobody"], "no run b'nobody' is queued or running"),
        ([b""], "this one 1"),
        ([b"\xff\x00\n", b""], "unknown request type"),
    ],
)
def test_what_is_unfit_gets_a_log_record_and_harms_nothing(
    kernel: Kernel, frames: list[bytes], says: str
) -> None:
    kernel.send(*frames)
    got = kernel.frames()
    record = kernel_log(got)
    assert says in record.text
    assert len(got) == 2


def kernel_log(frames: list[bytes]) -> Log:
    assert frames[0] == b"log"
    return Log(frames[1].decode())


@pytest.mark.parametrize(
    ("frames", "kind"),
    [
        ([b"clean", b"\xff"], b"clean-finished"),
        ([b"build", b"\xff"], b"build-finished"),
        ([b"exec", b"a\0b"], b"finished"),
        ([b"code", b"\xff"], b"finished"),
        ([b"run", b"{"], b"finished"),
        ([b"run", b'{"files": ' + b"[" * 100_000], b"finished"),
        ([b"run", b'{"limits": {"memory": 1' + b"0" * 1000 + b"}}"], b"finished"),
        ([b"run", b'{"stdin": "\\ud800"}'], b"finished"),
        ([b"run", msgpack.packb({"colour": "green"})], b"finished"),
        ([b"run", msgpack.packb({"files": {"../x": b""}})], b"finished"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_run_that_does_not_parse_is_answered_in_its_place(
    kernel: Kernel, frames: list[bytes], kind: bytes
) -> None:
    kernel.send(*frames, b"bad")
    got = kernel.until(kind)
    assert got[2] == b"bad"
    ending = json.loads(got[1])
    assert (ending["exitCode"], ending["verdict"]) == (127, "refused")
    assert ending["reason"]
    if not any(seen[0] == b"log" for seen in kernel.seen):
        kernel.until(b"log")


def test_random_frames_harm_nothing(kernel: Kernel) -> None:
    source = random.Random(4)  # noqa: S311 - the same every time
    kinds = (b"input", b"hello", b"cancel", b"run", b"interrupt", b"input-eof", b"complete", b"x")
    for _ in range(300):
        count = source.choice((0, 1, 1, 1, 2, 3))
        more = [source.randbytes(source.randrange(20)) for _ in range(count)]
        kernel.send(source.choice(kinds), *more)
    kernel.send(b"exec", b"echo after all", b"last")
    while kernel.frames() != [b"stdout", b"after all\n", b"last"]:
        pass
    kernel.until(b"finished")


def test_a_peer_of_two_frames_never_sees_three(kernel: Kernel) -> None:
    kernel.do(b"exec", b"echo out; echo err >&2; exit 1")
    kernel.do(b"code", b"echo query")
    kernel.send(b"status", b"")
    kernel.until(b"status")
    assert {len(frames) for frames in kernel.seen} == {2}
    for kind, payload in kernel.seen:
        if kind not in {b"stdout", b"stderr", b"status"}:
            payload.decode()


def test_every_record_of_a_run_carries_its_id(kernel: Kernel) -> None:
    for run_id in (b"1", b"\x00\xff", b"x" * 64):
        kernel.send(b"exec", b"echo out; echo err >&2; read x; exit 1", run_id)
        kernel.until(b"waiting-input")
        kernel.send(b"input", b"on")
        kernel.until(b"finished")
        assert {frames[2] for frames in kernel.seen} == {run_id}
        assert {frames[0] for frames in kernel.seen} == {
            b"stdout", b"stderr", b"waiting-input", b"finished",
        }  # fmt: skip
        kernel.seen.clear()


def test_runs_are_answered_once_and_in_order(kernel: Kernel) -> None:
    wanted: list[tuple[bytes, bytes, int]] = []
    mixed = [
        (b"exec", b"exit %d", b"finished"),
        (b"build", b"exit 0 # %d", b"build-finished"),
        (b"clean", b"exit %d", b"clean-finished"),
        (b"code", b"exit %d", b"finished"),
        (b"exec", b" # %d", b"finished"),
        (b"run", b'{"build": false, "exec": "exit %d"}', b"finished"),
        (b"run", b"{", b"finished"),
        (b"reset", b"", b"finished"),
    ]
    for number in range(200):
        kind, payload, answer = mixed[number * 7 % len(mixed)]
        code = number % 100
        kernel.send(kind, payload % code if b"%" in payload else payload, b"%d" % number)
        fixed = 127 if payload == b"{" else 0
        wanted.append((answer, b"%d" % number, code if b"exit %d" in payload else fixed))
    got: list[tuple[bytes, bytes, int]] = []
    while len(got) < len(wanted):
        frames = kernel.frames()
        if frames[0].endswith(b"finished"):
            got.append((frames[0], frames[2], json.loads(frames[1])["exitCode"]))
    assert got == wanted


def test_status_is_answered_while_something_runs(kernel: Kernel) -> None:
    kernel.send(b"exec", b"echo up; read x", b"1")
    kernel.send(b"exec", b"true", b"2")
    kernel.until(b"waiting-input")
    kernel.send(b"status", b"")
    status = msgpack.unpackb(kernel.until(b"status")[1])
    assert (status["ready"], status["running"], status["queued"]) == (True, True, 1)
    kernel.send(b"input-eof", b"")
    kernel.until(b"finished")
    kernel.until(b"finished")


def test_hello_tells_what_it_is(kernels: Kernels) -> None:
    kernel = kernels.start()
    (kernel.work.parent / "language.toml").write_text(
        '[version]\ncommand = ["echo", "toy 1.2.3"]\npattern = \'toy (\\S+)\'\n'
    )
    kernel.send(b"hello", b"", b"who")
    kernel.until(b"hello")
    hello = kernel.seen[-1]
    assert hello[2] == b"who"
    told = decode_hello(hello)
    assert (told.protocol, told.language, told.language_version) == (2, "toy", "1.2.3")
    assert {"batch", "query", "input", "cancel", "services", "terminal"} <= set(told.features)
    assert "completion" not in told.features
    assert told.busy is False


def decode_hello(frames: list[bytes]) -> Hello:
    from polykernel_runner.protocol import decode_record

    hello = decode_record(frames)
    assert isinstance(hello, Hello)
    return hello
