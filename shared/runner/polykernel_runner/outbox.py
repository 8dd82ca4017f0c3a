"""Records that belong to no program: replies and log lines, sent without anybody waiting."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import cast

from polykernel_runner.channel import Channel
from polykernel_runner.protocol import Level, Log, Record

# Replies that may wait for a reader; a client that asks more without reading loses the rest.
MOST = 10_000


class Outbox:
    """Keeps records until the channel takes them. `serve` is its one task."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: deque[tuple[Record, bytes | None]] = deque()
        self._arrived = asyncio.Event()
        self._sent = asyncio.Event()

    def put(self, record: Record, run_id: bytes | None = None) -> None:
        """Send a record as soon as may be."""
        if len(self._waiting) < MOST:
            self._waiting.append((record, run_id))
            self._arrived.set()

    async def flushed(self) -> None:
        """Return when the channel has taken all."""
        while self._waiting:
            self._sent.clear()
            await self._sent.wait()

    async def serve(self) -> None:
        """Send until cancelled."""
        while True:
            while self._waiting:
                await self._channel.send(*self._waiting[0])
                self._waiting.popleft()
                self._sent.set()
            self._arrived.clear()
            await self._arrived.wait()


class RecordHandler(logging.Handler):
    """Sends the runner's log as `log` records, a line each."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        """Send one."""
        level = cast("Level", record.levelname)
        for line in self.format(record).splitlines():
            self._outbox.put(Log(line, level))
