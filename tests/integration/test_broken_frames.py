"""What cannot be understood is answered by a `log` record, and harms nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgpack
import pytest

from driving.sockets import ending, of, sockets, written

if TYPE_CHECKING:
    from driving.sockets import Sockets
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["c"])

NOT_UNDERSTOOD = {
    "unknown type": ([b"frobnicate", b""], "frobnicate"),
    "unknown type, with a run": ([b"frobnicate", b"", b"run"], "frobnicate"),
    "type that is no text": ([b"\xff\xfe", b""], "xff"),
    "empty type": ([b"", b""], "unknown request type"),
    "1 frame": ([b"status"], "two or three frames"),
    "4 frames": ([b"status", b"", b"run", b"more"], "two or three frames"),
    "5 frames": ([b"status", b"", b"run", b"more", b"yet more"], "two or three frames"),
    "run id too long": ([b"status", b"", b"x" * 65], "1 to 64 bytes"),
    "run id empty": ([b"status", b"", b""], "1 to 64 bytes"),
    "input that is no text": ([b"input", b"\xff"], "UTF-8"),
    "cancel of nothing": ([b"cancel", b"nonesuch"], "nonesuch"),
}
REFUSED = {
    "exec that is no text": (b"exec", b"echo \xff", "UTF-8"),
    "code that is no text": (b"code", b"\xff", "UTF-8"),
    "job that is no JSON": (b"run", b"{broken", "msgpack or JSON"),
    "job that is no msgpack": (b"run", b"\xc1\xc1", "msgpack or JSON"),
    "job that is no map": (b"run", msgpack.packb([1, 2]), "map"),
    "job of nothing": (b"run", b"", "msgpack or JSON"),
    "unknown key": (b"run", b'{"fils": {}}', "'fils'"),
    "unknown limit": (b"run", b'{"limits": {"walltime": 3}}', "'walltime'"),
    "limit of no size": (b"run", b'{"limits": {"memory": -1}}', "'memory'"),
    "args that are no texts": (b"run", b'{"args": [1]}', "'args'"),
    "absolute file": (b"run", b'{"files": {"/etc/passwd": "x"}}', "/etc/passwd"),
    "file outside": (b"run", b'{"files": {"../x": "x"}}', "../x"),
}


async def assert_well(peer: Sockets) -> None:
    messages = await peer.ask(b"exec", b"echo well", b"after")
    assert messages[0] == [b"stdout", b"well\n", b"after"]
    assert ending(messages)["verdict"] == "ok"


async def test_what_is_not_understood_is_logged(lang: str) -> None:
    async with sockets(lang) as peer:
        for name, (frames, said) in NOT_UNDERSTOOD.items():
            messages = await peer.ask(*frames, answer=b"log")

            assert len(messages) == 1, name
            assert said in messages[0][1].decode(), name
            await assert_well(peer)


async def test_runs_that_do_not_parse_are_logged_and_still_answered_once(lang: str) -> None:
    async with sockets(lang) as peer:
        for name, (kind, payload, said) in REFUSED.items():
            await peer.send(kind, payload, b"broken")
            await peer.send(b"exec", b"true", b"after")
            messages = await peer.until(b"finished")
            messages += await peer.until(b"finished")
            # Log records and replies come in order: behind this one none is missing.
            messages += await peer.ask(b"status", b"", answer=b"status")

            answers = of(b"finished", messages)
            assert [message[2] for message in answers] == [b"broken", b"after"], name
            refusal = json.loads(answers[0][1])
            assert (refusal["verdict"], refusal["exitCode"]) == ("refused", 127), name
            assert any(said in message[1].decode() for message in of(b"log", messages)), name


async def test_broken_frames_in_the_middle_of_a_run_do_not_touch_it(lang: str) -> None:
    async with sockets(lang) as peer:
        await peer.send(b"exec", b"read x; echo got $x")
        messages = await peer.until(b"waiting-input")
        for frames, _ in NOT_UNDERSTOOD.values():
            await peer.send(*frames)
        messages = await peer.ask(b"input", b"this")

        assert written(messages) == b"got this\n"
        assert ending(messages)["verdict"] == "ok"


async def test_who_sends_two_frames_gets_two(lang: str) -> None:
    async with sockets(lang) as peer:
        await peer.send(b"exec", b"echo out; echo err >&2; read x; exit 3")
        messages = await peer.until(b"waiting-input")
        messages += await peer.ask(b"input-eof", b"")

    assert {len(message) for message in messages} == {2}


async def test_who_sends_three_gets_three_with_its_own(lang: str) -> None:
    async with sockets(lang) as peer:
        run_id = bytes(range(1, 65))
        await peer.send(b"exec", b"echo out; echo err >&2; read x; exit 3", run_id)
        messages = await peer.until(b"waiting-input")
        messages += await peer.ask(b"input", b"x")
        status = await peer.ask(b"status", b"", b"other", answer=b"status")

    assert {message[2] for message in messages} == {run_id}
    assert {message[0] for message in messages} == {
        b"stdout",
        b"stderr",
        b"waiting-input",
        b"finished",
    }
    assert ending(messages)["exitCode"] == 3
    assert status[-1][2] == b"other"


async def test_steps_are_answered_once_each_and_in_order(lang: str) -> None:
    async with sockets(lang) as peer:
        for kind, command in ((b"clean", b""), (b"build", b""), (b"exec", b""), (b"code", b"?")):
            await peer.send(kind, command)
        messages = await peer.until(b"finished")
        messages += await peer.until(b"finished")

    answers = [message for message in messages if message[0].endswith(b"finished")]
    assert [message[0] for message in answers] == [
        b"clean-finished",
        b"build-finished",
        b"finished",
        b"finished",
    ]
    assert [json.loads(message[1])["exitCode"] for message in answers] == [0, 0, 0, 1]


async def test_a_failed_build_stops_the_exec_after_it(lang: str) -> None:
    async with sockets(lang) as peer:
        await peer.send(b"build", b"exit 4")
        messages = await peer.ask(b"exec", b"echo never")
        await peer.send(b"build", b"")
        after = await peer.ask(b"exec", b"echo again")

    assert json.loads(of(b"build-finished", messages)[0][1])["exitCode"] == 4
    assert (ending(messages)["exitCode"], written(messages)) == (127, b"")
    assert b"build failed" in written(messages, b"stderr")
    assert written(after) == b"again\n"


async def test_all_but_output_is_text_even_when_output_is_not(lang: str) -> None:
    async with sockets(lang) as peer:
        messages = await peer.ask(b"exec", rb"printf '\377\000\376'; printf '\355\240\200' >&2")

    assert written(messages) == b"\xff\x00\xfe"
    assert written(messages, b"stderr") == b"\xed\xa0\x80"
    for kind, payload in messages:
        if kind not in {b"stdout", b"stderr"}:
            json.loads(payload.decode())


async def test_a_huge_job_arrives(kernel: Kernel) -> None:
    content = bytes(range(256)) * (50 * 4096)
    result = await kernel.run({"large": content}, build=False, exec="wc -c < large; cksum < large")
    again = await kernel.run({"small": b""}, build=False, exec="ls")

    assert result.text.startswith("52428800\n")
    assert again.text == "small\n"
