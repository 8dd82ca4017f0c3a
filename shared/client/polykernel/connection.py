"""The sockets to one kernel, and the one task that reads them.

Every request has an id of its own, which its records carry; by it they are told apart. Records
without one are the kernel's log.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import zmq
import zmq.asyncio

from polykernel.bounds import Bounds
from polykernel.errors import KernelClosedError, KernelError, RecordError
from polykernel.mailbox import Demand, Mailbox
from polykernel.ports import Published
from polykernel.sockets import Sockets
from polykernel.watch import Watch
from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import (
    Cancel,
    Log,
    Record,
    Request,
    decode_record,
    encode_request,
    run_id_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from polykernel.endpoint import Endpoint

log = logging.getLogger("polykernel.log")

R = TypeVar("R", bound=Record)
T = TypeVar("T")

# Bytes of output that wait in this process before the program has to.
READ_AHEAD = 1 << 20
FAREWELL_MS = 500
# A dead kernel's last records are taken to have arrived when none came for so long.
REST_MS = 50
# What a kernel sends last of a run.
ENDINGS = (b"clean-finished", b"build-finished", b"finished")


class Connection:
    """Open from its creation, inside a running event loop, until `close`."""

    def __init__(
        self,
        endpoint: Endpoint,
        published: Published | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.published = published or Published()
        self.bounds = bounds or Bounds()
        self._endpoint = endpoint
        self._sockets = Sockets(endpoint, self.bounds)
        self._requests = self._sockets.sender(zmq.PUSH)
        self._requests.connect(endpoint.requests)
        self._records = self._sockets.receiver(zmq.PULL)
        self._watch = Watch(self._records, self._on_given_up)
        self._records.connect(endpoint.records)
        self._demand = Demand(READ_AHEAD)
        # Beside what waits for want of a reader there is, for one who iterates, the last record.
        self._most_held = self.bounds.most_output + READ_AHEAD + 2 * self.bounds.largest_record
        self._mailboxes: dict[bytes, Mailbox] = {}
        self._error: Exception | None = None
        self._lost = False
        self._unsent: set[asyncio.Future[Any]] = set()
        self._prefix = secrets.token_hex(4)
        self._numbers = count(1)
        self._arriving: asyncio.Future[list[bytes]] | None = None
        self._loop = asyncio.get_running_loop()
        # Done when the kernel is known to have died, or has been left.
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._reader = self._loop.create_task(self._read(), name="polykernel reader")
        self._reader.add_done_callback(self._on_reader_done)

    @asynccontextmanager
    async def terminal(self) -> AsyncIterator[tuple[zmq.asyncio.Socket, zmq.asyncio.Socket]]:
        """Give the sockets of the terminal: where one types, and what is drawn.

        No keystroke is lost from then on, and nothing that is drawn.
        """
        with (
            self._sockets.sender(zmq.XPUB) as keys,
            self._sockets.receiver(zmq.SUB) as screen,
        ):
            watch = Watch(screen, self._on_given_up)
            try:
                keys.connect(self._endpoint.keystrokes)
                screen.connect(self._endpoint.screen)
                screen.subscribe(b"")
                await self.unless_ended(screen.recv())  # the greeting
                await self.unless_ended(keys.recv())  # the kernel's subscription
                yield keys, screen
            finally:
                watch.close()

    async def unless_ended(self, arriving: Awaitable[T]) -> T:
        """Return what arrives; when the kernel ends before, or has been left, raise why."""
        arrival = asyncio.ensure_future(arriving)
        either: list[asyncio.Future[Any]] = [arrival, self.ended]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not arrival.done() and self._error is not None:
                raise self._error
            return await arrival
        finally:
            arrival.cancel()

    def _on_given_up(self) -> None:
        self.fail(self.bounds.broken())

    def give_up(self, request_id: bytes, mailbox: Mailbox, error: Exception) -> None:
        """Let who reads a run raise `error`, and cancel it; what has arrived is forgotten."""
        goes_on = not mailbox.ended and self._error is None
        self._mailboxes.pop(request_id, None)
        mailbox.fail(error)
        mailbox.discard()
        if goes_on:
            self.post(Cancel(request_id))

    @property
    def held(self) -> int:
        """Bytes of records that have been read and not been taken."""
        return self._demand.held

    def open(self, is_last: Callable[[Record], bool]) -> tuple[bytes, Mailbox]:
        """Return a new request's id, and where its records will be."""
        request_id = f"{self._prefix}-{next(self._numbers)}".encode()
        mailbox = Mailbox(self._demand, is_last)
        self._mailboxes[request_id] = mailbox
        if self._error is not None:
            mailbox.fail(self._error)
        return request_id, mailbox

    def post(self, request: Request, request_id: bytes | None = None) -> asyncio.Future[Any]:
        """Send a request behind those sent before; the future is done when it is on its way."""
        if self._error is not None:
            raise self._error
        sent = asyncio.ensure_future(
            self._requests.send_multipart(encode_request(request, request_id))
        )
        self._unsent.add(sent)
        sent.add_done_callback(self._unsent.discard)
        return sent

    async def ask(self, request: Request, answer: type[R]) -> R:
        """Send a request and return the one record that answers it."""
        request_id, mailbox = self.open(lambda record: isinstance(record, answer))
        try:
            self.post(request, request_id)
            while not isinstance(record := await mailbox.take(), answer):
                if record is None:
                    raise ProtocolError(f"no {answer.__name__} came")
            return record
        finally:
            self._mailboxes.pop(request_id, None)
            mailbox.discard()

    def abandon(self, request_id: bytes) -> None:
        """Cancel a run whose records nobody will take; from any thread, at any time."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._abandon, request_id)

    def _abandon(self, request_id: bytes) -> None:
        mailbox = self._mailboxes.pop(request_id, None)
        if mailbox is None:
            return
        mailbox.discard()
        if not mailbox.ended and self._error is None:
            self.post(Cancel(request_id))

    def fail(self, error: Exception) -> None:
        """Let all who wait, and all who will ask, raise `error`, after what has arrived."""
        if self._error is None:
            self._set_error(error)
            self._lost = True
            # Nobody need read for the rest to be fetched: it is no more than ZeroMQ kept.
            self._demand.change(waiting=1)
            if self._arriving is not None and not self._arriving.done():
                self._arriving.cancel()

    def leave(self) -> None:
        """Let whoever still waits, or asks from now on, raise KernelClosedError."""
        if self._error is None:
            self._set_error(KernelClosedError("the kernel is closed; start another one"))
        self._end()

    async def close(self, *, farewell: bool = False) -> None:
        """Leave the kernel, with `farewell` after cancelling what still runs."""
        if farewell and self._error is None:
            for request_id, mailbox in self._mailboxes.items():
                if not mailbox.ended:
                    self.post(Cancel(request_id))
        self.leave()
        self._lost = False
        self._reader.cancel()
        try:
            await asyncio.wait([self._reader])
        finally:
            self._watch.close()
            self._requests.close(FAREWELL_MS if farewell else 0)
            self._records.close(0)
            await self._sockets.close()

    async def _read(self) -> None:
        while not self._lost:
            await self._demand.wanted()
            self._arriving = asyncio.ensure_future(self._records.recv_multipart())
            try:
                frames = await self._arriving
            except asyncio.CancelledError:
                if not self._lost:
                    raise
            else:
                self._dispatch(frames)
            # What has arrived already is received without a pause, and others want to run too.
            await asyncio.sleep(0)
        while await self._records.poll(REST_MS):
            self._dispatch(await self._records.recv_multipart())
        self._end()

    def _dispatch(self, frames: list[bytes]) -> None:
        request_id = run_id_of(frames) or b""
        mailbox = self._mailboxes.get(request_id)
        try:
            record = decode_record(frames)
        except ProtocolError as error:
            log.warning("a record could not be understood: %s", error)
            self._refuse(frames, request_id, error)
        else:
            if isinstance(record, Log):
                log.log(logging.getLevelName(record.level), "%s", record.text)
            if mailbox is not None:
                mailbox.put(record, sum(map(len, frames)))
                if mailbox.held > self._most_held:
                    self.give_up(request_id, mailbox, self.bounds.exceeded())
        if mailbox is not None and mailbox.ended:
            self._mailboxes.pop(request_id, None)

    def _refuse(self, frames: list[bytes], request_id: bytes, error: ProtocolError) -> None:
        mailbox = self._mailboxes.pop(request_id, None)
        if mailbox is None:
            return
        mailbox.fail(
            RecordError(
                f"the kernel sent a record that does not parse: {error}; are client and image of"
                " the same version?"
            )
        )
        # Nobody hears any more how it goes on.
        if frames[0] not in ENDINGS and self._error is None:
            self.post(Cancel(request_id))

    def _on_reader_done(self, reader: asyncio.Task[None]) -> None:
        """Let nobody wait for a reader that has come to an end of which nothing is known."""
        if not reader.cancelled() and (error := reader.exception()) is not None:
            if self._error is None:
                self._set_error(KernelError(f"the client failed to read records: {error!r}"))
            self._end()

    def _set_error(self, error: Exception) -> None:
        self._error = error
        self.ended.set_result(None)

    def _end(self) -> None:
        if self._error is None:
            return
        for mailbox in self._mailboxes.values():
            mailbox.fail(self._error)
        self._mailboxes.clear()
