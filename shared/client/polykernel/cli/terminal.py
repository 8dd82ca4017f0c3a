"""A kernel's terminal in the one that we are typed into."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING

from polykernel.cli.output import complain
from polykernel.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from polykernel.kernel import Kernel
    from polykernel.terminal import Terminal

KEYBOARD, SCREEN = 0, 1
CHUNK = 4096
WATCH_TIME = 1.0  # seconds
LEAVE = b"\x1d"  # Ctrl-]
# It starts the shell, which then shows a prompt of its own: a form feed clears the screen.
FIRST_KEY = b"\x0c"


def sit_down(starting: AbstractAsyncContextManager[Kernel]) -> int:
    """Start a kernel and be its terminal until the shell ends; return the exit code.

    Raises:
        OptionError: standard input and output are not a terminal.
    """
    if not (os.isatty(KEYBOARD) and os.isatty(SCREEN)):
        raise OptionError("terminal needs a terminal as its input and output")
    return asyncio.run(_talk(starting))


async def _talk(starting: AbstractAsyncContextManager[Kernel]) -> int:
    async with starting as kernel, kernel.terminal(*_size()) as terminal:
        complain("the shell's end, or Ctrl-], leaves the terminal and removes the kernel")
        with _raw():
            await _converse(kernel, terminal)
    sys.stderr.write("\n")
    return 0


async def _converse(kernel: Kernel, terminal: Terminal) -> None:
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[bytes] = asyncio.Queue()
    loop.add_reader(KEYBOARD, lambda: typed.put_nowait(os.read(KEYBOARD, CHUNK)))
    resized = asyncio.Event()
    loop.add_signal_handler(signal.SIGWINCH, resized.set)
    tasks = [
        loop.create_task(work)
        for work in (
            *(_type(terminal, typed), _draw(terminal), _resize(terminal, resized)),
            _watch(kernel),
        )
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        loop.remove_reader(KEYBOARD)
        loop.remove_signal_handler(signal.SIGWINCH)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _type(terminal: Terminal, typed: asyncio.Queue[bytes]) -> None:
    keys = FIRST_KEY
    while keys and LEAVE not in keys:
        await terminal.type(keys)
        keys = await typed.get()


async def _draw(terminal: Terminal) -> None:
    async for drawn in terminal:
        sys.stdout.buffer.write(drawn)
        sys.stdout.buffer.flush()


async def _resize(terminal: Terminal, resized: asyncio.Event) -> None:
    while True:
        await resized.wait()
        resized.clear()
        await terminal.resize(*_size())


async def _watch(kernel: Kernel) -> None:
    """Raise when the kernel has ended, of which its terminal says nothing."""
    while True:
        await kernel.status()
        await asyncio.sleep(WATCH_TIME)


def _size() -> tuple[int, int]:
    size = os.get_terminal_size(SCREEN)
    return size.lines or 24, size.columns or 80  # some do not know theirs


@contextmanager
def _raw() -> Iterator[None]:
    before = termios.tcgetattr(KEYBOARD)
    tty.setraw(KEYBOARD)
    try:
        yield
    finally:
        termios.tcsetattr(KEYBOARD, termios.TCSADRAIN, before)
