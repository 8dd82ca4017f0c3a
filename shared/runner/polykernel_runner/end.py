"""What ends a kernel from outside: a signal, or the end of its tether."""

from __future__ import annotations

import asyncio
import os
import signal

from polykernel_runner.errors import ConfigError


def listen_for_the_end(*, tethered: bool) -> asyncio.Event:
    """Return what will be set by SIGTERM or SIGINT, and with a tether by the end of our stdin.

    Raises:
        ConfigError: standard input is nothing that could be a tether.
    """
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    if tethered:
        try:
            loop.add_reader(0, _read_tether, end)
        except OSError as error:
            raise ConfigError(
                "POLYKERNEL_TETHER=stdin needs a pipe as standard input (docker run -i), "
                f"and this one cannot be waited for: {error}"
            ) from error
    return end


def _read_tether(end: asyncio.Event) -> None:
    try:
        if os.read(0, 4096):
            return
    except OSError:
        pass
    asyncio.get_running_loop().remove_reader(0)
    end.set()
