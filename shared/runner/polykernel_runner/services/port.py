"""Ports of this container: which are taken, and when one is opened."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable

_ADDRESSES = ((socket.AF_INET, "127.0.0.1", "0.0.0.0"), (socket.AF_INET6, "::1", "::"))  # noqa: S104
# Seconds: how long one attempt may take, and the time between attempts, first and at most.
_ATTEMPT_TIME = 2.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25


def is_taken(port: int) -> bool:
    """Return whether a program of the container serves a port, or holds it."""
    for family, _, everywhere in _ADDRESSES:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                # As servers do: what a connection of the past still holds is no matter.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((everywhere, port))
        except OSError as error:
            # Other errors (no IPv6, a privileged port) tell nothing of who else is there.
            if error.errno == errno.EADDRINUSE:
                return True
    return False


async def is_open(port: int) -> bool:
    """Return whether somebody on this machine answers at a port."""
    for family, address, _ in _ADDRESSES:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            if await asyncio.wait_for(_connect(family, (address, port)), _ATTEMPT_TIME):
                return True
    return False


async def _connect(family: socket.AddressFamily, address: tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        await asyncio.get_running_loop().sock_connect(probe, address)
        # Where the system gave the probe that very port, it has reached itself.
        return bool(probe.getsockname() != probe.getpeername())


async def until_open(port: int, pause: Callable[[float], Awaitable[bool]]) -> bool:
    """Return True when a port is open, or False when `pause` says that it never will be.

    `pause` waits for so many seconds at most.
    """
    seconds = _FIRST_PAUSE
    while not await is_open(port):
        if not await pause(seconds):
            return False
        seconds = min(seconds * 1.5, _LONGEST_PAUSE)
    return True
