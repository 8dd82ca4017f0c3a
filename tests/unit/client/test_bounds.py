"""What a kernel can make its client keep in memory."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import zmq
import zmq.asyncio

from polykernel import (
    Html,
    IpcEndpoint,
    Kernel,
    Media,
    OptionError,
    Output,
    OutputError,
    RecordError,
    Terminal,
)
from polykernel.bounds import Bounds
from polykernel_runner.protocol import Cancel
from support.peer import DONE, STATUS, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MEGABYTE = 1 << 20

# A process of its own: what it has had in memory at most cannot be forgotten.
CLIENT = """
import asyncio, json, resource, sys
from pathlib import Path
from polykernel import IpcEndpoint, Kernel, RecordError

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

async def main():
    async with Kernel.connect(IpcEndpoint(directory=Path(sys.argv[1]))) as kernel:
        before = peak()
        said = []
        for ask in (kernel.run(), kernel.status()):
            try:
                await ask
            except RecordError as error:
                said.append(str(error))
        print(json.dumps({"said": said, "grown": peak() - before}))

asyncio.run(main())
"""


@asynccontextmanager
async def bounded(directory: Path, **bounds: int | str) -> AsyncIterator[Kernel]:
    """A client of the peer."""
    async with Kernel.connect(
        IpcEndpoint(directory=directory), start_timeout=5, **bounds
    ) as kernel:
        yield kernel


async def flood(peer: Peer, run_id: bytes, megabytes: int) -> None:
    for _ in range(megabytes):
        await peer.send(Output("stdout", b"x" * MEGABYTE), run_id)
    await peer.send(DONE, run_id)


@pytest.mark.parametrize("frame", [b"stdout", b"finished", b"media"])
async def test_a_frame_of_a_gigabyte_and_a_half_is_not_taken_in(
    peer: Peer, socket_directory: Path, frame: bytes
) -> None:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, str(socket_directory), stdout=asyncio.subprocess.PIPE
    )
    _, run_id = await peer.request()
    # Zeros that nobody has written take no memory here.
    huge = [frame, bytes(1500 * MEGABYTE), run_id or b""]
    await peer._records.send_multipart(huge, copy=False)
    told, _ = await client.communicate()
    found: dict[str, Any] = json.loads(told)

    assert len(found["said"]) == 2
    assert all("raise largest_record in Kernel.start" in said for said in found["said"])
    assert found["grown"] < 50 * MEGABYTE


async def test_what_came_before_is_still_had(peer: Peer, socket_directory: Path) -> None:
    async with bounded(socket_directory, largest_record="1m") as kernel:
        run = kernel.run()
        await peer.print(run.id, b"before", end=False)
        await peer.send(Output("stdout", bytes(2 * MEGABYTE)), run.id)

        assert await run.__anext__() == Output("stdout", b"before")
        with pytest.raises(RecordError, match="more than largest_record, 1048576 bytes"):
            await run
        with pytest.raises(RecordError):
            kernel.run()


async def test_what_a_kernel_of_ours_sends_is_taken(kernel: Kernel, peer: Peer) -> None:
    # A picture of 64 MiB, which is the largest that a kernel sends.
    picture = Media("image/png", "data:image/png;base64," + "A" * (-(-(64 << 20) // 3) * 4))
    run = kernel.run()
    sending = asyncio.ensure_future(peer.send(picture, run.id))

    assert await run.__anext__() == picture
    await sending


async def test_a_kernel_that_went_away_and_came_back_broke_no_rule(
    peer: Peer, socket_directory: Path
) -> None:
    async with bounded(socket_directory) as kernel:
        for _ in range(2):
            await peer.close()
            peer = Peer(socket_directory)
            assert await asyncio.wait_for(kernel.status(), 10) == STATUS
        await peer.close()
        # Longer than it takes to say that a connection was given up.
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(kernel.status(), 3)
        peer = Peer(socket_directory)
        assert await asyncio.wait_for(kernel.status(), 10) == STATUS
        await peer.close()


async def test_a_terminal_that_draws_too_much_at_once_is_given_up(
    peer: Peer,  # noqa: ARG001  it answers
    socket_directory: Path,
) -> None:
    context = zmq.asyncio.Context()
    keys, screen = context.socket(zmq.SUB), context.socket(zmq.XPUB)
    keys.bind(f"ipc://{socket_directory}/term-in")
    keys.subscribe(b"")
    screen.bind(f"ipc://{socket_directory}/term-out")

    async def draw() -> None:
        # Who waits for a key subscribes; who waits for a subscription greets.
        await screen.recv()
        await screen.send(b"")
        await screen.send(b"fine")

    async def look(terminal: Terminal) -> bytes:
        return await terminal.__anext__()

    try:
        drawing = asyncio.ensure_future(draw())
        typed = asyncio.ensure_future(keys.recv())
        async with (
            bounded(socket_directory, largest_record="1m") as kernel,
            kernel.terminal() as terminal,
        ):
            await drawing
            assert await look(terminal) == b"fine"
            await screen.send(bytes(2 * MEGABYTE))
            with pytest.raises(RecordError, match="largest_record"):
                await asyncio.wait_for(look(terminal), 20)
        typed.cancel()
    finally:
        context.destroy(linger=0)


async def test_awaiting_collects_no_more_than_is_said(peer: Peer, socket_directory: Path) -> None:
    async with bounded(socket_directory, most_output="4m") as kernel:
        fits, more, after = kernel.run(), kernel.run(), kernel.run()
        await asyncio.gather(*[peer.request() for _ in range(3)])
        await asyncio.gather(flood(peer, fits.id, 4), fits)
        flooding = asyncio.ensure_future(flood(peer, more.id, 6))

        for _ in range(2):
            with pytest.raises(OutputError, match=r"more than most_output, 4194304 bytes.*iterate"):
                await more
        with pytest.raises(OutputError):
            await more.__anext__()
        assert await peer.request() == (Cancel(more.id), None)
        await flooding
        await peer.print(after.id, b"fine")
        assert (await after).stdout == b"fine"
        assert (await fits).stdout == b"x" * 4 * MEGABYTE
        assert kernel._connection.held == 0


async def test_all_kinds_of_output_count(peer: Peer, socket_directory: Path) -> None:
    text = "x" * (MEGABYTE // 2)
    async with bounded(socket_directory, most_output="1m") as kernel:
        for record in (Html(text), Media("text/plain", text), Output("stderr", text.encode())):
            run = kernel.run()
            await asyncio.gather(*[peer.send(record, run.id) for _ in range(3)])
            with pytest.raises(OutputError):
                await run


async def test_two_who_await_one_run_both_hear_of_it(peer: Peer, socket_directory: Path) -> None:
    async with bounded(socket_directory, most_output="1m") as kernel:
        run = kernel.run()
        both = [asyncio.ensure_future(run._collect()) for _ in range(2)]
        await asyncio.gather(flood(peer, run.id, 3), *both, return_exceptions=True)

        assert [type(task.exception()) for task in both] == [OutputError] * 2


async def test_iterating_has_no_bound(peer: Peer, socket_directory: Path) -> None:
    async with bounded(socket_directory, most_output="1m", largest_record="1m") as kernel:
        run = kernel.run()
        flooding = asyncio.ensure_future(flood_in_pieces(peer, run.id))
        seen = 0
        async for record in run:
            seen += len(record.data) if isinstance(record, Output) else 0
        await flooding

    assert seen == 16 * MEGABYTE


async def flood_in_pieces(peer: Peer, run_id: bytes) -> None:
    for _ in range(32):
        await peer.send(Output("stdout", b"x" * (MEGABYTE // 2)), run_id)
    await peer.send(DONE, run_id)


async def test_what_nobody_reads_is_bounded_when_something_behind_it_is_awaited(
    peer: Peer, socket_directory: Path
) -> None:
    async with bounded(socket_directory, most_output="8m", largest_record="1m") as kernel:
        unread, later = kernel.run(), kernel.run()
        await asyncio.gather(peer.request(), peer.request())

        async def speak() -> None:
            for _ in range(40):
                await peer.send(Output("stdout", b"x" * (MEGABYTE // 2)), unread.id)
            await peer.send(DONE, unread.id)
            await peer.print(later.id, b"later")

        speaking = asyncio.ensure_future(speak())
        assert (await later).stdout == b"later"
        await speaking

        with pytest.raises(OutputError, match="most_output"):
            await unread
        assert await peer.request() == (Cancel(unread.id), None)
        assert kernel._connection.held == 0


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"largest_record": 1000}, "largest_record 1000 is too little"),
        ({"most_output": 0}, "most_output must be more than 0"),
        ({"most_output": "much"}, "not like 512m"),
    ],
)
def test_bounds_that_cannot_be_are_refused(
    tmp_path: Path, bounds: dict[str, Any], said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        Kernel.start("c", **bounds)
    with pytest.raises(OptionError, match=said):
        Kernel.connect(IpcEndpoint(directory=tmp_path), **bounds)


def test_what_is_written_is_what_is_kept_to() -> None:
    assert Bounds(largest_record=128 << 20, most_output=256 << 20) == Bounds()
