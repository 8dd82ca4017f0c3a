"""User code that speaks to the runner in the name of the kernel whose process it shares."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from polykernel import Kernel, Output, WaitingInput

if TYPE_CHECKING:
    from polykernel import Result

# Seconds. Only what hangs takes so long.
DEADLINE = 60.0

PYTHON = """
import threading, time
from IPython import get_ipython
kernel = get_ipython().kernel
ident = kernel.get_parent('shell') and kernel._parent_ident['shell']
def say(*frames): kernel.iopub_socket.send_multipart([*frames])
"""
R = """
kernel <- NULL
for (frame in sys.frames()) if (exists(".self", frame) && is(get(".self", frame), "Kernel"))
    kernel <- get(".self", frame)
say <- function(...) pbdZMQ::zmq.send.multipart(
    kernel$sockets$iopub, lapply(list(...), charToRaw), serialize = FALSE)
"""
JULIA = """
polykernel = first(m for m in values(Base.loaded_modules) if nameof(m) == :Polykernel)
say(text) = write(polykernel.connection[], text)
"""
MALFORMED = {
    "python": [
        PYTHON + "say(b'nonsense')\ntime.sleep(1000)",
        PYTHON + "say(b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}')\ntime.sleep(1000)",
        PYTHON + "say(b'x' * 40_000_000)\ntime.sleep(1000)",
        PYTHON + "kernel.session.send(kernel.iopub_socket, 'stream', {'text': 1}, "
        "parent=kernel.get_parent('shell'))\ntime.sleep(1000)",
        PYTHON + "kernel.session.send(kernel.stdin_socket, 'input_request', {'prompt': 1}, "
        "parent=kernel.get_parent('shell'), ident=ident)\ntime.sleep(1000)",
    ],
    "r": [R + "say('non', 'sense')\nSys.sleep(1000)"],
    "julia": [
        JULIA + 'say("nonsense\\n")\nsleep(1000)',
        JULIA + 'say("media image/png 99999999999\\n")\nsleep(1000)',
        JULIA + 'say("done 0 0\\ndone 0 0\\n")\nsleep(1000)',
    ],
}
SUM = {"python": "print(40 + 2)", "r": "cat(40 + 2, '\\n', sep = '')", "julia": "println(40 + 2)"}


def assert_lost(result: Result) -> None:
    assert (result.verdict, result.exit_code, result.state) == ("error", 1, "lost"), result
    assert (result.reason or "").startswith("the session ")


async def query(kernel: Kernel, code: str) -> Result:
    return await asyncio.wait_for(kernel.query(code, stdin=""), DEADLINE)


async def assert_works(kernel: Kernel, lang: str) -> None:
    """A query is answered, and what it prints is all that it has."""
    result = await query(kernel, SUM[lang])
    assert (result.text, result.verdict, result.state) == ("42\n", "ok", "kept")
    assert (result.stderr, result.media, result.html) == (b"", (), ())


@pytest.mark.parametrize("lang", MALFORMED)
async def test_a_malformed_message_ends_the_session_at_once(lang: str) -> None:
    async with Kernel.start(lang) as kernel:
        for code in MALFORMED[lang]:
            assert_lost(await query(kernel, code))
            await assert_works(kernel, lang)


@pytest.mark.parametrize("lang", ["python"])
async def test_what_a_thread_displays_does_not_show_in_the_next_query(lang: str) -> None:
    left = f"""{PYTHON}
parent = kernel.get_parent('shell')
def flood():
    while True:
        content = {{'data': {{'text/html': 'late'}}, 'metadata': {{}}}}
        kernel.session.send(kernel.iopub_socket, 'display_data', content, parent=parent)
        time.sleep(0.001)
threading.Thread(target=flood, daemon=True).start()
"""
    async with Kernel.start(lang) as kernel:
        assert (await query(kernel, left)).verdict == "ok"
        for _ in range(3):
            await assert_works(kernel, lang)


@pytest.mark.parametrize("lang", ["python"])
async def test_a_forged_idle_does_not_hang_a_query_that_asks(lang: str) -> None:
    forged = f"""{PYTHON}
kernel.session.send(kernel.iopub_socket, 'status', {{'execution_state': 'idle'}},
    parent=kernel.get_parent('shell'))
time.sleep(0.5)
print(input('? '))
"""
    async with Kernel.start(lang) as kernel:
        result = await asyncio.wait_for(kernel.query(forged, stdin="typed\n"), DEADLINE)
        assert (result.text, result.verdict, result.state) == ("? typed\n", "ok", "kept")
        await assert_works(kernel, lang)


@pytest.mark.parametrize("lang", ["python"])
async def test_a_completion_that_takes_for_ever_does_not_hold_the_next_query(lang: str) -> None:
    endless = """
        class Endless:
            def __dir__(self):
                while True: pass
        endless = Endless()
    """
    async with Kernel.start(lang) as kernel:
        assert (await query(kernel, endless)).verdict == "ok"
        completion = await asyncio.wait_for(kernel.complete("endless."), DEADLINE)
        assert completion.suggestions == ()
        assert (await query(kernel, "print(type(endless).__name__)")).text == "Endless\n"


@pytest.mark.parametrize("lang", ["julia"])
async def test_a_forged_ending_between_queries_ends_none(lang: str) -> None:
    later = JULIA + '@async (sleep(0.5); say("done 0 0\\n"); touch("done"))\nnothing'
    async with Kernel.start(lang) as kernel:
        assert (await query(kernel, later)).verdict == "ok"
        waits = "until [ -e done ]; do sleep 0.05; done"
        assert (await kernel.execute("exec", waits)).verdict == "ok"
        assert_lost(await query(kernel, "println(1)"))
        await assert_works(kernel, lang)


@pytest.mark.parametrize("lang", ["r"])
async def test_what_is_typed_after_an_interrupt_does_not_answer_the_next_query(lang: str) -> None:
    async with Kernel.start(lang) as kernel:
        for _ in range(3):
            first = kernel.query("x <- readline('a? ')")
            async for record in first:
                if isinstance(record, WaitingInput):
                    await kernel.interrupt()
                    await kernel.input("late")
            assert (await first).verdict == "interrupted"
            second = kernel.query("cat('hello', readline('again? '))")
            printed = b""
            async for record in second:
                if isinstance(record, WaitingInput):
                    await kernel.input("Ada")
                elif isinstance(record, Output):
                    printed += record.data
            assert printed == b"again? hello Ada"
