"""Queries that a server of the image evaluates, as a client sees them; a server in Python."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import Html, Media, Output, WaitingInput, decode_record
from support.sessions import TOY_SERVER, start_server

if TYPE_CHECKING:
    from support.kernels import Kernel, Kernels

LISTENS_ONLY = """
import socket, sys
stream = socket.socket(socket.AF_UNIX)
stream.connect(sys.argv[1])
stream.sendall(b"ready 0\\n")
file = stream.makefile("rb")
while header := file.readline().split():
    file.read(int(header[-1]))
    stream.sendall({answer})
"""


@pytest.fixture(scope="module")
def shared(launcher_kernels: Kernels) -> Kernel:
    return start_server(launcher_kernels, TOY_SERVER)


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.send(b"reset", b"")
    shared.ending()
    shared.seen.clear()
    return shared


def query(kernel: Kernel, code: str, **job: object) -> tuple[str, int, bytes, bytes, str]:
    """Its verdict, exit code, output and state."""
    ending, out, err = kernel.run(code=code, **job)
    return ending.verdict, ending.exit_code, out, err, ending.state


def test_state_is_kept_and_a_reset_forgets_it(kernel: Kernel) -> None:
    assert query(kernel, "x = 41", stdin="") == ("ok", 0, b"", b"", "kept")
    assert query(kernel, "print(x + 1)", stdin="") == ("ok", 0, b"42\n", b"", "kept")
    kernel.send(b"reset", b"")
    assert kernel.ending().verdict == "ok"
    verdict, exit_code, _, stderr, state = query(kernel, "print(x)", stdin="")
    assert (verdict, exit_code, state) == ("error", 1, "kept")
    assert b"NameError" in stderr


def test_output_comes_before_the_ending_and_around_what_is_shown(kernel: Kernel) -> None:
    kernel.send(
        b"code",
        b"import os\nos.write(1, b'a' * 300000)\nshow('image/png', b'\\x89PNG')\nprint('b')\n"
        b"show('text/html', b'<b>c</b>')\nshow('audio/mpeg', b'\\xff\\xfb')",
    )
    assert kernel.ending().verdict == "ok"
    records = [decode_record(frames) for frames in kernel.seen]
    shown = [item for item in records if isinstance(item, Media | Html)]
    assert shown == [
        Media("image/png", "data:image/png;base64,iVBORw=="),
        Html("<b>c</b>"),
        Media("audio/mpeg", "data:audio/mpeg;base64,//s="),
    ]
    before = [item for item in records[: records.index(shown[0])] if isinstance(item, Output)]
    assert b"".join(item.data for item in before) == b"a" * 300000


def test_pictures_may_be_left_in_a_directory_too(kernel: Kernel) -> None:
    leave = "import os; open(os.environ['POLYKERNEL_MEDIA'] + '/a.svg', 'w').write('<svg/>')"
    for _ in range(2):
        kernel.seen.clear()
        query(kernel, leave, stdin="")
        records = [decode_record(frames) for frames in kernel.seen]
        assert [item for item in records if isinstance(item, Media)] == [
            Media("image/svg+xml", "<svg/>")
        ]


def test_each_query_has_input_of_its_own(kernel: Kernel) -> None:
    code = "import sys; print(sys.stdin.read().split())"
    assert query(kernel, code, stdin="1 2\n")[2] == b"['1', '2']\n"
    assert query(kernel, "print(input())", stdin="3\nnobody reads this\n")[2] == b"3\n"
    assert query(kernel, code, stdin="4\n")[2] == b"['4']\n"
    assert query(kernel, code, stdin="")[2] == b"[]\n"


def test_live_input_is_asked_for_also_after_an_end_of_file(kernel: Kernel) -> None:
    ask = b"import sys; print(input('? ')); print([sys.stdin.read()])"
    for _ in range(2):
        kernel.seen.clear()
        kernel.send(b"code", ask)
        kernel.until(b"waiting-input")
        assert [Output("stdout", b"? "), WaitingInput()] == [*map(decode_record, kernel.seen)][-2:]
        kernel.send(b"input", b"Ada")
        kernel.until(b"waiting-input")
        kernel.send(b"input-eof", b"")
        ending = kernel.ending()
        said = [decode_record(frames) for frames in kernel.seen if frames[0] == b"stdout"]
        text = b"".join(item.data for item in said if isinstance(item, Output))
        assert (ending.verdict, text) == ("ok", b"? Ada\n['']\n")


def test_an_interrupt_ends_the_query_and_keeps_the_state(kernel: Kernel) -> None:
    query(kernel, "x = 1", stdin="")
    for code in (b"print('on', flush=True)\nwhile True: pass", b"print('on', flush=True); input()"):
        kernel.send(b"code", code)
        kernel.until(b"stdout")
        kernel.send(b"interrupt", b"")
        ending = kernel.ending()
        assert (ending.verdict, ending.exit_code, ending.state) == ("interrupted", 130, "kept")
    assert query(kernel, "print(x)", stdin="")[2] == b"1\n"


LISTENS_TO_FORCE = b"""
import signal
def count(*_):
    global signals
    signals += 1
    if signals == 5:
        raise KeyboardInterrupt
signals = 0
signal.signal(signal.SIGINT, count)
print("on", flush=True)
while True: pass
"""


def test_a_query_that_listens_only_to_force_ends_and_keeps_the_state(kernels: Kernels) -> None:
    kernel = start_server(kernels, TOY_SERVER, insistence=4)
    kernel.send(b"code", LISTENS_TO_FORCE)
    kernel.until(b"stdout")
    kernel.send(b"interrupt", b"")
    ending = kernel.ending()
    assert (ending.verdict, ending.exit_code, ending.state) == ("interrupted", 130, "kept")
    assert query(kernel, "print(signals)", stdin="")[2] == b"5\n"


def test_a_query_that_does_not_listen_tells_the_time_it_used(kernel: Kernel) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    ending, _, _ = kernel.run(code=deaf, limits={"cpuTime": 0.5}, stdin="")
    assert (ending.verdict, ending.state) == ("time-limit", "lost")
    assert ending.cpu_time >= 0.5


def test_code_that_ends_the_server_is_told_by_its_exit_code(kernel: Kernel) -> None:
    query(kernel, "x = 1", stdin="")
    code = "import sys; print('bye'); sys.exit(3)"
    assert query(kernel, code, stdin="") == ("error", 3, b"bye\n", b"", "lost")
    assert query(kernel, "print(2)", stdin="") == ("ok", 0, b"2\n", b"", "kept")
    assert query(kernel, "import os; os.kill(os.getpid(), 9)", stdin="")[0] == "signal"


def test_limits_leave_the_state_where_the_query_listens(kernel: Kernel) -> None:
    query(kernel, "x = 1", stdin="")
    loop = query(kernel, "while True: pass", limits={"wallTime": 0.3}, stdin="")
    assert (loop[0], loop[4]) == ("time-limit", "kept")
    assert query(kernel, "print(x)", stdin="")[2] == b"1\n"
    greedy = "b = []\nwhile True: b.append(bytes([1]) * 1000000)"
    hungry = query(kernel, greedy, limits={"memory": 200_000_000}, stdin="")
    assert (hungry[0], hungry[4]) == ("memory-limit", "lost")


def test_a_query_takes_no_arguments_and_says_so(kernel: Kernel) -> None:
    verdict, _, _, stderr, _ = query(kernel, "1", args=["a"])
    assert verdict == "refused"
    assert b"takes no args" in stderr


def test_what_is_left_running_does_not_hold_the_ending(kernel: Kernel) -> None:
    code = "import subprocess; p = subprocess.Popen(['sleep', '1000'])"
    assert query(kernel, code, stdin="")[0] == "ok"
    assert query(kernel, "print(p.poll()); p.kill()", stdin="")[2] == b"None\n"


def test_an_idle_server_is_not_looked_at(kernel: Kernel) -> None:
    query(kernel, "print(1)")  # its input was left open, and so is watched for

    def switches() -> int:
        text = Path(f"/proc/{watcher}/status").read_text(encoding="ascii")
        lines = dict(line.split(":", 1) for line in text.splitlines())
        return int(lines["voluntary_ctxt_switches"])

    _, out, _ = kernel.run(code="import os; print(os.getppid())", stdin="")
    watcher = int(out)
    before = switches()
    time.sleep(1.0)  # what is measured is a time without events
    assert switches() - before < 5


@pytest.mark.parametrize("answer", ["b'what is this 0\\n'", "b'\\xff\\n'", "b'done x 0\\n'"])
def test_a_server_that_talks_nonsense_fails_that_query_and_is_replaced(
    kernels: Kernels, answer: str
) -> None:
    kernel = start_server(kernels, LISTENS_ONLY.format(answer=answer))
    for _ in range(2):
        ending, _, _ = kernel.run(code="x")
        assert (ending.verdict, ending.exit_code, ending.state) == ("error", 1, "lost")
        assert "the session sent" in (ending.reason or "")


def test_a_server_that_does_not_start_is_told(kernels: Kernels) -> None:
    kernel = start_server(kernels, "import sys; sys.exit('no such thing')")
    ending, _, stderr = kernel.run(code="x")
    assert (ending.verdict, stderr) == ("internal", b"no such thing\n")
    assert "ended while it started" in (ending.reason or "")


def ask(kernel: Kernel, kind: bytes, answer: bytes, **question: object) -> dict[str, object]:
    kernel.send(kind, json.dumps(question).encode())
    body: dict[str, object] = json.loads(kernel.until(answer)[1])
    return body


def test_questions_are_passed_on_and_places_are_counted_in_characters(kernels: Kernels) -> None:
    server = LISTENS_ONLY.format(
        answer="""{
        b"complete": b"completions 3 4 8\\nprint\\npi",
        b"inspect": b"inspection 3\\nany",
        b"is-complete": b"completeness incomplete 2\\n  ",
    }[header[0]]"""
    )
    kernel = start_server(kernels, server, "'complete', 'is-complete'")
    completion = ask(kernel, b"complete", b"completion", code="ä=p")
    assert completion == {"suggestions": ["print", "pi"], "start": 2, "end": 3}
    complete = ask(kernel, b"is-complete", b"completeness", code="f(")
    assert complete == {"status": "incomplete", "indent": "  "}
    # What the language does not say that its server answers is not asked.
    assert ask(kernel, b"inspect", b"inspection", code="x", cursor=1)["found"] is False
