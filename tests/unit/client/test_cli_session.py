"""The command line's talk with a run: a process of its own, whose kernel is the test."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from typing import TYPE_CHECKING

import pytest

from polykernel import Html, Media, Output, WaitingInput
from polykernel_runner.protocol import Cancel, Finished, Input, InputEof, Interrupt, RunJob
from support.peer import DONE

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from support.peer import Peer

TALK = """
import sys
from pathlib import Path
from polykernel import IpcEndpoint, Kernel
from polykernel.cli.session import converse

starting = Kernel.connect(IpcEndpoint(directory=Path(sys.argv[1])))
sys.exit(converse(starting, lambda kernel, stdin: kernel.run(stdin=stdin)))
"""


async def talk(directory: Path, stdin: int | IO[bytes] = PIPE) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", TALK, str(directory), stdin=stdin, stdout=PIPE, stderr=PIPE
    )


async def end(process: Process) -> tuple[int | None, bytes, bytes]:
    if process.stdin is not None:
        process.stdin.close()
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
    return await asyncio.wait_for(process.wait(), 10), out, err


async def test_output_comes_as_it_is_and_the_exit_code_is_the_programs(
    peer: Peer, socket_directory: Path
) -> None:
    process = await talk(socket_directory)
    _, run_id = await peer.request()
    await peer.send(Output("stdout", b"a\xff"), run_id)
    assert process.stdout is not None
    assert await process.stdout.readexactly(2) == b"a\xff"
    await peer.send(Output("stderr", b"e" * 100_000), run_id)
    await peer.send(Media("text/plain", "4"), run_id)
    await peer.send(Media("image/png", "data:"), run_id)
    await peer.send(Html("<b>"), run_id)
    await peer.send(Finished(step="exec", exit_code=42, verdict="error"), run_id)

    notes = b"[image/png, 5 bytes]\n[text/html, 3 bytes]\n"
    assert await end(process) == (42, b"4\n", b"e" * 100_000 + notes)


async def test_lines_are_passed_on_as_they_are_typed(peer: Peer, socket_directory: Path) -> None:
    process = await talk(socket_directory)
    request, run_id = await peer.request()
    assert isinstance(request, RunJob)
    assert request.job.stdin is None
    assert process.stdin is not None

    process.stdin.write(b"Ad")
    process.stdin.write("a\nüber\nrest".encode())
    typed = ""
    while typed != "Ada\nüber\n":
        line, _ = await peer.request()
        assert isinstance(line, Input)
        typed += line.text
    process.stdin.close()

    assert (await peer.request())[0] == Input("rest")
    assert (await peer.request())[0] == InputEof()
    await peer.send(DONE, run_id)
    assert (await end(process))[0] == 0


async def test_much_input_waits_until_the_program_wants_it(
    peer: Peer, socket_directory: Path
) -> None:
    process = await talk(socket_directory)
    _, run_id = await peer.request()
    assert process.stdin is not None
    lines = b"0123456789abcde\n" * 65536
    process.stdin.write(lines)
    process.stdin.close()

    received = 0
    while True:
        try:
            request, _ = await asyncio.wait_for(peer.request(), 0.5)
        except asyncio.TimeoutError:
            assert received < len(lines)
            await peer.send(WaitingInput(), run_id)
            continue
        if request == InputEof():
            break
        assert isinstance(request, Input)
        received += len(request.text)

    assert received == len(lines)
    await peer.send(DONE, run_id)
    assert (await end(process))[0] == 0


async def test_a_file_is_sent_with_the_run_byte_for_byte(
    peer: Peer, socket_directory: Path, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 20_000
    tmp_path.joinpath("input").write_bytes(content)
    with tmp_path.joinpath("input").open("rb") as stdin:
        process = await talk(socket_directory, stdin)
    request, run_id = await peer.request()

    assert isinstance(request, RunJob)
    assert request.job.stdin == content
    await peer.send(DONE, run_id)
    assert (await end(process))[0] == 0


async def test_input_that_is_no_text_ends_it_with_advice(
    peer: Peer, socket_directory: Path
) -> None:
    process = await talk(socket_directory)
    await peer.request()
    assert process.stdin is not None
    process.stdin.write(b"\xff\xfe\n")

    code, _, said = await end(process)

    assert code == 1  # `main` would make it 2.
    assert b"not UTF-8; give it as a file" in said


async def test_the_first_interrupt_stops_the_program_and_the_second_all(
    peer: Peer, socket_directory: Path
) -> None:
    process = await talk(socket_directory)
    _, run_id = await peer.request()

    process.send_signal(signal.SIGINT)
    assert await peer.request() == (Interrupt(), None)
    process.send_signal(signal.SIGINT)

    assert (await process.wait()) == 130
    assert (await peer.request())[0] == Cancel(run_id or b"")
    await end(process)


async def test_an_interrupted_program_decides_how_it_ends(
    peer: Peer, socket_directory: Path
) -> None:
    process = await talk(socket_directory)
    _, run_id = await peer.request()
    process.send_signal(signal.SIGINT)
    await peer.request()
    await peer.send(Finished(step="exec", exit_code=7, verdict="interrupted"), run_id)

    assert await end(process) == (7, b"", b"")


async def test_sigterm_ends_it(peer: Peer, socket_directory: Path) -> None:
    process = await talk(socket_directory)
    await peer.request()
    process.send_signal(signal.SIGTERM)

    assert (await end(process))[0] == 143


async def test_when_nobody_reads_our_output_the_run_is_cancelled(
    peer: Peer, socket_directory: Path
) -> None:
    process = await talk(socket_directory)
    _, run_id = await peer.request()
    assert process.stdout is not None
    process.stdout._transport.close()  # type: ignore[attr-defined]
    flooding = asyncio.ensure_future(peer.print(run_id, b"x" * 1_000_000, end=False))

    assert (await peer.request())[0] == Cancel(run_id or b"")
    await process.wait()
    await flooding


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        (
            Finished(step="exec", exit_code=137, verdict="time-limit", reason="wall time 2 s"),
            137,
            b"polykernel: time-limit: wall time 2 s\n",
        ),
        (
            Finished(step="exec", exit_code=-1, verdict="internal", reason="bug"),
            125,
            b"polykernel: internal: bug\n",
        ),
        (
            Finished(step="exec", exit_code=0, verdict="ok", dropped_stdout=5),
            0,
            b"polykernel: 5 bytes of output were dropped: --limit output\n",
        ),
    ],
)
async def test_what_an_exit_code_does_not_tell_is_said(
    peer: Peer, socket_directory: Path, ending: Finished, code: int, said: bytes
) -> None:
    process = await talk(socket_directory)
    _, run_id = await peer.request()
    await peer.send(ending, run_id)

    assert await end(process) == (code, b"", said)
