"""User code has its Jupyter kernel's sockets and keys, and may send anything on them.

The toy kernel has no sense of order: a query says what is sent, and `Rests` is a thread that stays.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from support.kernels import Kernels
from support.sessions import (
    MIB,
    Answer,
    assert_lost,
    memory_of,
    query,
    start_jupyter,
    until_exists,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.kernels import Kernel

# For ever, as far as a test can see: only what is ended ends.
STAY = "\nimport time\ntime.sleep(1000)"


@pytest.fixture(scope="module")
def kernels(launcher: Path) -> Iterator[Kernels]:
    with Kernels(launcher, same_user=True) as made:
        yield made


@pytest.fixture(scope="module")
def kernel(kernels: Kernels) -> Kernel:
    return start_jupyter(kernels)


def assert_works(kernel: Kernel) -> None:
    """A query is answered, and what it prints is all that it has."""
    answer = query(kernel, "print(6 * 7)")
    assert answer == Answer("ok", 0, "kept", b"42\n", b"", "")


def signed(*parts: str) -> str:
    """The statement that publishes a message of these parts, with a good signature."""
    frames = [part.encode() for part in parts]
    return f"p = {frames!r}\nraw('iopub', b'<IDS|MSG>', kernel.session.sign(p), *p)"


MALFORMED = {
    "no delimiter": "raw('iopub', b'x')",
    "no frames": "raw('iopub', b'<IDS|MSG>')",
    "a bad signature": "raw('iopub', b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}')",
    "no signature": "raw('shell', b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}')",
    "a bad signature on stdin": "raw('stdin', b'<IDS|MSG>', b'0', b'{}', b'{}', b'{}', b'{}')",
    "a bad signature on control": "raw('control', b'<IDS|MSG>', b'0', b'{}', b'{}', b'{}', b'{}')",
    "no JSON": signed("{", "{}", "{}", "{}"),
    "deep JSON": "p = [b'{}', b'{}', b'{}', b'[' * 200000]\n"
    "raw('iopub', b'<IDS|MSG>', kernel.session.sign(p), *p)",
    "no header": signed("{}", "{}", "{}", "{}"),
    "a header of another type": signed("[1]", "[1]", "[1]", "[1]"),
    "a parent of another type": signed('{"msg_id": "a", "msg_type": "x"}', "7", "{}", "{}"),
    "content of another type": signed('{"msg_id": "a", "msg_type": "x"}', "{}", "{}", "[1]"),
    "a status without a state": "say('iopub', 'status', {})",
    "a text that is a number": "say('iopub', 'stream', {'name': 'stdout', 'text': 7})",
    "a display without data": "say('iopub', 'display_data', {'data': 'x'})",
    "an error without a traceback": "say('iopub', 'error', {})",
    "a prompt that is none": "say('stdin', 'input_request', {'prompt': {}})",
    "a reply without a status": "say('shell', 'execute_reply', {})",
    "a reply that nobody asked for": "say('shell', 'execute_reply', {'status': 'ok'}, {})",
    "a reply on control": "say('control', 'kernel_info_reply', {})",
    "the same message twice": "m = kernel.session.serialize(kernel.session.msg('stream', {}))\n"
    "raw('iopub', *m)\nraw('iopub', *m)",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_malformed_ends_the_session_at_once(kernel: Kernel, what: str) -> None:
    assert_lost(query(kernel, MALFORMED[what] + STAY))
    assert_works(kernel)


@pytest.mark.parametrize(("channel", "size"), [("iopub", 40 * MIB), ("stdin", 8 * MIB)])
def test_what_is_too_large_is_not_taken_in(kernel: Kernel, channel: str, size: int) -> None:
    answer = query(kernel, f"raw({channel!r}, b'x' * {size}){STAY}")
    assert_lost(answer, "a message that is too large")
    assert_works(kernel)


def test_channels_that_are_closed_end_the_session(kernel: Kernel) -> None:
    assert_lost(query(kernel, f"kernel.sockets['iopub'].close(){STAY}"), "broke off a channel")
    assert_works(kernel)


def test_what_a_query_printed_before_is_delivered(kernel: Kernel) -> None:
    answer = query(kernel, f"print('before')\nraw('iopub', b'x'){STAY}")
    assert answer.stdout == b"before\n"
    assert_lost(answer)


def test_an_idle_that_is_a_lie_ends_nothing(kernel: Kernel) -> None:
    code = "say('iopub', 'status', {'execution_state': 'idle'})\nprint(ask('? '))"
    answer = query(kernel, code, stdin="typed\n")
    assert answer == Answer("ok", 0, "kept", b"? typed\n", b"", "")
    assert_works(kernel)


def test_a_second_reply_is_found_when_the_next_query_starts(kernel: Kernel) -> None:
    """It is sent before the true one, which nobody waits for then: in this query or the next."""
    first = query(kernel, "say('shell', 'execute_reply', {'status': 'ok'})")
    second = query(kernel, "print('not run')")
    lost = [answer for answer in (first, second) if answer.state == "lost"]
    assert lost, (first, second)
    for answer in lost:
        assert_lost(answer, "nobody had asked for")
    query(kernel, "")
    assert_works(kernel)


THREAD = """
import threading, time
parent = kernel.parent
def rests():
    while not stop: {does}
    print("stopped", flush=True)
stop = False
thread = threading.Thread(target=rests, daemon=True)
thread.start()
"""


@pytest.mark.parametrize(
    "does",
    [
        "say('iopub', 'stream', {'name': 'stdout', 'text': 'late'}, parent)",
        "say('iopub', 'display_data', {'data': {'text/html': 'late'}}, parent)",
        "say('stdin', 'input_request', {'prompt': 'late'}, parent); time.sleep(0.001)",
    ],
    ids=["streams", "displays", "prompts"],
)
def test_what_an_earlier_query_left_does_not_show_in_a_later_one(kernel: Kernel, does: str) -> None:
    kernel.send(b"reset", b"")
    kernel.ending()
    assert query(kernel, THREAD.format(does=does) + "time.sleep(0.2)").verdict == "ok"
    answer = query(kernel, "stop = True\nthread.join()\ntime.sleep(0.1)")
    assert answer == Answer("ok", 0, "kept", b"stopped\n", b"", "")
    assert not [frames for frames in kernel.seen if frames[0] == b"html"]
    assert_works(kernel)


def test_what_is_printed_between_queries_is_nobodys(kernel: Kernel) -> None:
    work = f"from pathlib import Path\nmark = Path({str(kernel.work)!r}) / 'mark'\n"
    later = (
        "import threading, time\n"
        "def late():\n"
        "    while not mark.exists(): time.sleep(0.001)\n"
        "    print('late', flush=True); mark.with_suffix('.done').touch()\n"
        "threading.Thread(target=late, daemon=True).start()"
    )
    assert query(kernel, work + later).verdict == "ok"
    (kernel.work / "mark").touch()
    until_exists(kernel.work / "mark.done")
    assert_works(kernel)


@pytest.mark.parametrize(
    "sent",
    [
        "say('iopub', 'clear_output', {'filler': 'x' * 100000}, {})",
        "say('iopub', 'clear_output', {'filler': 'x' * 30000000}, {})",
    ],
    ids=["outputs", "large outputs"],
)
def test_a_flood_between_queries_does_not_fill_the_runner(kernels: Kernels, sent: str) -> None:
    kernel = start_jupyter(kernels)
    assert_works(kernel)
    before = memory_of(kernel)
    done = kernel.work / "done"
    flood = (
        "import threading, time\nfrom pathlib import Path\n"
        "def flood():\n"
        f"    end = time.monotonic() + 3\n"
        f"    while time.monotonic() < end: {sent}\n"
        f"    Path({str(done)!r}).touch()\n"
        "threading.Thread(target=flood, daemon=True).start()"
    )
    assert query(kernel, flood).verdict == "ok"
    until_exists(done)
    assert memory_of(kernel) - before < 500 * MIB
    assert_works(kernel)


def complete(kernel: Kernel, code: str = "pri") -> list[str]:
    kernel.send(b"complete", json.dumps({"code": code}).encode())
    found: list[str] = json.loads(kernel.until(b"completion")[1])["suggestions"]
    return found


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "{'status': 7}",
        "{'status': 'ok'}",
        "{'status': 'ok', 'matches': 'abc', 'cursor_start': 0, 'cursor_end': 1}",
        "{'status': 'ok', 'matches': [1], 'cursor_start': 0, 'cursor_end': 1}",
        "{'status': 'ok', 'matches': ['a'], 'cursor_start': '0', 'cursor_end': 1}",
        "{'status': 'ok', 'matches': ['a'], 'cursor_start': 3, 'cursor_end': 1}",
    ],
)
def test_a_malformed_answer_is_told_by_the_next_query(kernel: Kernel, answer: str) -> None:
    query(kernel, f"complete = lambda _: {answer}")
    assert complete(kernel) == []
    assert_lost(query(kernel, "print('not run')"))
    assert_works(kernel)
    assert complete(kernel) == []


def test_a_completion_that_takes_for_ever_is_interrupted_for_a_query(kernel: Kernel) -> None:
    slow = (
        "def complete(_):\n    try: time.sleep(1000)\n    except KeyboardInterrupt: return ['a']\n"
        "import time\nx = 1"
    )
    assert query(kernel, slow).verdict == "ok"
    assert complete(kernel) == []
    assert query(kernel, "print(x)") == Answer("ok", 0, "kept", b"1\n", b"", "")


def test_a_session_that_stops_itself_in_a_completion_is_replaced(kernel: Kernel) -> None:
    stop = "import os, signal\ncomplete = lambda _: os.kill(os.getpid(), signal.SIGSTOP)"
    assert query(kernel, stop).verdict == "ok"
    assert complete(kernel) == []
    assert_lost(query(kernel, "print('not run')"), "did not answer a question about code")
    assert_works(kernel)


def test_a_flood_of_questions_is_answered(kernel: Kernel) -> None:
    slow = "import time\ncomplete = lambda _: time.sleep(0.05) or ['a']"
    assert query(kernel, slow).verdict == "ok"
    count = 3000
    for _ in range(count):
        kernel.send(b"complete", b'{"code": "x"}')
    # Those for which there is no room are answered at once, before any that has to be asked.
    assert json.loads(kernel.until(b"completion")[1])["suggestions"] == []
    for _ in range(count - 1):
        kernel.until(b"completion")
    assert_works(kernel)


FRAME = ("{}", "[]", "7", '"x"', "{", "", "null", '{"msg_id": 1}', '{"msg_id": "a"}')
HEADERS = (
    '{"msg_id": "a", "msg_type": "stream"}',
    '{"msg_id": "a", "msg_type": "status", "version": "4.1"}',
    '{"msg_id": "a", "msg_type": "input_request", "version": 7}',
    '{"msg_id": "a", "msg_type": "execute_reply", "version": "5.3"}',
    '{"msg_id": "a", "msg_type": "error", "version": "1"}',
    '{"msg_id": "a", "msg_type": ["x"]}',
)
KINDS = ("stream", "status", "display_data", "error", "execute_reply", "input_request", "x")
KEYS = ("name", "text", "data", "traceback", "status", "prompt", "execution_state", "payload")
LEAVES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "x",
    "idle",
    "\ud800",
    [],
    {},
    [[]],
    {"text/plain": 1},
)


def anything(chance: random.Random) -> str:
    """A statement that sends something."""
    channel = chance.choice(("iopub", "shell", "stdin", "control"))
    kind = chance.random()
    if kind < 0.3:
        frames = [chance.randbytes(chance.randrange(60)) for _ in range(chance.randrange(1, 8))]
        return f"raw({channel!r}, *{frames!r})"
    if kind < 0.6:
        parts = [chance.choice(HEADERS), *(chance.choice(FRAME) for _ in range(3))]
        frames = [part.encode() for part in parts]
        return f"p = {frames!r}\nraw({channel!r}, b'<IDS|MSG>', kernel.session.sign(p), *p)"
    content = {chance.choice(KEYS): chance.choice(LEAVES) for _ in range(chance.randrange(4))}
    parent: object = chance.choice((None, {}, {"header": {}}))
    return f"say({channel!r}, {chance.choice(KINDS)!r}, {content!r}, {parent!r})"


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_sent_the_query_is_answered_and_the_next_works(
    kernel: Kernel, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    sent = [anything(chance) for _ in range(chance.randrange(1, 5))]
    for statement in sent:
        answer = query(kernel, f"import sys; sys.stdin = None\n{statement}", stdin="a\n")
        assert answer.verdict in ("ok", "error"), (statement, answer)
    query(kernel, "print(6 * 7)")  # what came late is told by this one
    assert_works(kernel)
