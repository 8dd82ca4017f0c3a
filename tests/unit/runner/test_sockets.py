"""Waiting for ZeroMQ's sockets: with real sockets, full and empty."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import zmq

from polykernel_runner.sockets import Receiver, Sender

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10
ROOM = 4
LARGE = bytes(range(256)) * 1024


@contextmanager
def pair() -> Iterator[tuple[zmq.Socket[bytes], zmq.Socket[bytes]]]:
    """A socket that sends, with little room, and the one that it sends to."""
    with (
        zmq.Context() as context,
        context.socket(zmq.PUSH) as push,
        context.socket(zmq.PULL) as pull,
    ):
        push.linger = 0
        push.sndhwm = pull.rcvhwm = ROOM
        push.bind("inproc://pair")
        pull.connect("inproc://pair")
        yield push, pull


def test_messages_come_whole_and_in_order_whoever_waits_first() -> None:
    messages = [[b"%d" % number, LARGE, b"last"] for number in range(20 * ROOM)]

    async def main(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> list[list[bytes]]:
        receiver, sender = Receiver(pull), Sender(push)

        async def send() -> None:
            for message in messages:
                await sender.send(message)

        sending = asyncio.create_task(send())
        received = [await receiver.receive() for _ in messages]
        await sending
        return received

    with pair() as (push, pull):
        assert asyncio.run(asyncio.wait_for(main(push, pull), PATIENCE)) == messages


def test_who_sends_waits_for_room_and_others_may_wait_behind() -> None:
    async def main(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> set[bytes]:
        sender = Sender(push)
        sent = 0

        async def send(name: bytes) -> None:
            nonlocal sent
            for _ in range(ROOM * 10):
                await sender.send([name, LARGE])
                sent += 1

        sending = [asyncio.create_task(send(name)) for name in (b"one", b"two")]
        done, _ = await asyncio.wait(sending, timeout=0.2)
        # Nobody reads: what is under way is what fits.
        assert not done
        assert sent <= 3 * ROOM
        receiver = Receiver(pull)
        names = {(await receiver.receive())[0] for _ in range(2 * ROOM * 10)}
        await asyncio.gather(*sending)
        return names

    with pair() as (push, pull):
        assert asyncio.run(asyncio.wait_for(main(push, pull), PATIENCE)) == {b"one", b"two"}


def test_one_who_gives_up_waiting_for_room_has_sent_nothing() -> None:
    async def main(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> list[bytes]:
        sender = Sender(push)
        under_way = 0
        try:
            while True:
                await asyncio.wait_for(sender.send([b"early", LARGE]), 0.2)
                under_way += 1
        except asyncio.TimeoutError:
            pass
        receiver = Receiver(pull)
        for _ in range(under_way):
            assert (await receiver.receive())[0] == b"early"
        await sender.send([b"late"])
        return await receiver.receive()

    with pair() as (push, pull):
        assert asyncio.run(asyncio.wait_for(main(push, pull), PATIENCE)) == [b"late"]
