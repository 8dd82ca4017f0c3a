from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polykernel import (
    IpcEndpoint,
    Kernel,
    KernelClosedError,
    KernelDiedError,
    KernelError,
    KernelTimeoutError,
    Log,
    Output,
    RecordError,
)
from polykernel.connection import READ_AHEAD
from polykernel_runner.protocol import Cancel, Input, InputEof, Interrupt
from support import fuzz
from support.peer import DONE, HELLO, STATUS
from support.types import misfits

if TYPE_CHECKING:
    from pathlib import Path

    from support.peer import Peer

MEGABYTE = b"x" * (1 << 20)


async def test_questions_are_answered_beside_a_run(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    await peer.request()

    assert await kernel.status() == STATUS
    assert await kernel.hello() == HELLO
    await peer.send(DONE, run.id)
    await run


async def test_what_is_typed_reaches_the_kernel_in_order(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    await kernel.input("a\n")
    await kernel.input_eof()
    await kernel.interrupt()
    await kernel.cancel(run)

    await peer.request()
    assert [(await peer.request())[0] for _ in range(4)] == [
        Input("a\n"),
        InputEof(),
        Interrupt(),
        Cancel(run.id),
    ]
    await peer.send(DONE, run.id)


async def test_the_kernels_log_goes_to_a_logger(
    kernel: Kernel, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "polykernel.log"):
        await peer.send(Log("a bad frame"), None)
        await peer.send_frames(b"news", b"\xff")
        await peer.send_frames(b"finished", b"{")
        await kernel.status()

    assert [record.name for record in caplog.records] == ["polykernel.log"] * 2
    assert caplog.records[0].getMessage() == "a bad frame"
    assert "'finished' is not JSON" in caplog.records[1].getMessage()


async def test_a_slow_reader_makes_the_kernel_wait(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    sent = 0
    with suppress(asyncio.TimeoutError):
        while sent < 64:
            await asyncio.wait_for(peer.send(Output("stdout", MEGABYTE), run.id), 0.5)
            sent += 1

    assert sent < 40
    assert kernel._connection.held <= READ_AHEAD + 2 * len(MEGABYTE)

    ending = asyncio.ensure_future(peer.send(DONE, run.id))
    assert len((await run).stdout) == sent << 20
    await ending


@pytest.mark.parametrize("megabytes", [3, 48])
async def test_what_comes_behind_unread_output_can_be_awaited(
    kernel: Kernel, peer: Peer, megabytes: int
) -> None:
    unread, later = kernel.run(), kernel.run()

    async def flood() -> None:
        for _ in range(megabytes):
            await peer.send(Output("stdout", MEGABYTE), unread.id)
        await peer.send(DONE, unread.id)
        await peer.print(later.id, b"later")

    flooding = asyncio.ensure_future(flood())

    assert (await later).stdout == b"later"
    assert await kernel.status() == STATUS
    assert len((await unread).stdout) == megabytes << 20
    await flooding
    assert kernel._connection.held == 0


async def test_a_question_inside_an_iteration_is_answered(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()

    async def flood() -> None:
        for _ in range(32):
            await peer.send(Output("stdout", MEGABYTE), run.id)
        await peer.send(DONE, run.id)

    flooding = asyncio.ensure_future(flood())
    async for record in run:
        if isinstance(record, Output):
            assert await asyncio.wait_for(kernel.status(), 10) == STATUS
    await flooding


async def test_a_death_ends_every_run_behind_what_it_said(kernel: Kernel, peer: Peer) -> None:
    running, queued = kernel.run(), kernel.run()
    await peer.print(running.id, b"last words", end=False)
    kernel._connection.fail(KernelDiedError("it has ended", ("oh", "no")))

    assert await running.__anext__() == Output("stdout", b"last words")
    with pytest.raises(KernelDiedError, match=r"(?s)has ended.*\| oh.*\| no"):
        await running.__anext__()
    with pytest.raises(KernelDiedError) as raised:
        await queued
    assert raised.value.log == ("oh", "no")
    with pytest.raises(KernelDiedError):
        kernel.run()
    with pytest.raises(KernelDiedError):
        await kernel.input("x")
    with pytest.raises(KernelDiedError):
        await kernel.status()


async def test_an_ending_that_cannot_be_read_fails_its_run_only(kernel: Kernel, peer: Peer) -> None:
    bad, good = kernel.run(), kernel.run()
    await peer.send_frames(b"finished", b"{}", bad.id)
    await peer.print(good.id, b"fine")

    with pytest.raises(RecordError, match=r"does not parse: .*lacks 'exitCode'.*same version"):
        await bad
    assert (await good).stdout == b"fine"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verdict", "great"),
        ("verdict", 7),
        ("exitCode", "0"),
        ("exitCode", True),
        ("wallTime", -1),
        ("cpuTime", float("nan")),
        ("maxRss", 1.5),
        ("dropped", {"stdout": "all"}),
        ("state", "solid"),
        ("reason", ["why"]),
    ],
)
async def test_an_ending_of_a_wrong_type_is_an_error_that_names_it(
    kernel: Kernel, peer: Peer, key: str, value: object
) -> None:
    run = kernel.run()
    ending = json.dumps({"exitCode": 0, key: value}).encode()
    await peer.send_frames(b"finished", ending, run.id)

    with pytest.raises(RecordError, match=f"'{'stdout' if key == 'dropped' else key}'"):
        await run


async def test_a_run_that_says_what_cannot_be_read_is_cancelled(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    await peer.request()
    await peer.send_frames(b"media", b"{", run.id)

    with pytest.raises(RecordError, match="'media' is not JSON"):
        await run
    assert await peer.request() == (Cancel(run.id), None)


@fuzz.settings(300)
@given(
    others=st.lists(st.tuples(fuzz.frames(fuzz.RECORD_TYPES), st.booleans()), max_size=4),
    ending=fuzz.endings(),
)
async def test_whatever_is_sent_the_kernel_can_be_asked_on(
    kernel: Kernel, peer: Peer, others: list[tuple[list[bytes], bool]], ending: bytes
) -> None:
    run = kernel.run()
    for frames, is_its in others:
        # A third frame tells whose it is; some are nobody's.
        await peer.send_frames(*(frames[:2] or [b""]), *([run.id] if is_its else []))
    await peer.send_frames(b"finished", ending, run.id)
    with suppress(RecordError):
        assert misfits(await run) == []
    assert await kernel.status() == STATUS


async def test_a_reader_that_fails_is_told_to_all_who_wait(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, peer: Peer
) -> None:
    def fail(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("polykernel.connection.decode_record", fail)
    run = kernel.run()
    await peer.print(run.id, b"x")

    with pytest.raises(KernelError, match="failed to read records: MemoryError"):
        await run
    with pytest.raises(KernelError, match="failed to read records"):
        await kernel.status()


async def test_leaving_cancels_what_still_runs(peer: Peer, socket_directory: Path) -> None:
    async with Kernel.connect(IpcEndpoint(directory=socket_directory)) as kernel:
        running, queued = kernel.run(), kernel.run()
        waiting = asyncio.ensure_future(kernel.status())
        await waiting

    assert [run_id for _, run_id in [await peer.request(), await peer.request()]] == [
        running.id,
        queued.id,
    ]
    assert {(await peer.request())[0] for _ in range(2)} == {Cancel(running.id), Cancel(queued.id)}
    with pytest.raises(KernelClosedError):
        await running
    with pytest.raises(KernelClosedError):
        await kernel.hello()


async def test_leaving_in_the_middle_leaves_no_task_behind(
    peer: Peer, socket_directory: Path
) -> None:
    before = asyncio.all_tasks()
    async with Kernel.connect(IpcEndpoint(directory=socket_directory)) as kernel:
        run = kernel.run()
        await peer.print(run.id, b"x", end=False)
        async for _ in run:
            break

    assert asyncio.all_tasks() == before


async def test_leaving_may_be_cancelled_and_still_closes_all(
    peer: Peer,  # noqa: ARG001  it answers
    socket_directory: Path,
) -> None:
    entered = asyncio.Event()

    async def visit() -> None:
        async with Kernel.connect(IpcEndpoint(directory=socket_directory)):
            entered.set()
            await asyncio.Event().wait()

    for turns in range(4):
        entered.clear()
        visiting = asyncio.ensure_future(visit())
        await entered.wait()
        for _ in range(2):
            visiting.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
        done, _ = await asyncio.wait([visiting], timeout=20)

        assert done


@pytest.mark.parametrize(("chunk", "pause"), [(MEGABYTE, 0.0), (b"drop", 0.01)])
async def test_leaving_does_not_wait_for_the_end_of_output(
    peer: Peer, socket_directory: Path, chunk: bytes, pause: float
) -> None:
    async def flood(run_id: bytes) -> None:
        while True:
            await peer.send(Output("stdout", chunk), run_id)
            await asyncio.sleep(pause)

    async def leave() -> None:
        async with Kernel.connect(IpcEndpoint(directory=socket_directory)) as kernel:
            run = kernel.run()
            flooding.append(asyncio.ensure_future(flood(run.id)))
            for _ in range(10):
                await run.__anext__()

    flooding: list[asyncio.Future[None]] = []
    await asyncio.wait_for(leave(), 5)
    flooding[0].cancel()
    await asyncio.wait(flooding)


async def test_where_nobody_listens_it_says_so_in_time(socket_directory: Path) -> None:
    with pytest.raises(KernelTimeoutError, match=r"ipc://.*/in within 0.1 s"):
        async with Kernel.connect(IpcEndpoint(directory=socket_directory), start_timeout=0.1):
            pass
