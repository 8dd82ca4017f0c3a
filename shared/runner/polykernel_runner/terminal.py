"""A shell on a terminal behind two sockets: keystrokes come in, what it draws goes out.

The first keystroke starts the shell, and the first after its end starts another.
"""

from __future__ import annotations

import fcntl
import logging
import os
import struct
import termios
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from polykernel_runner.channel import Channel
from polykernel_runner.control import KILL, Control
from polykernel_runner.errors import JobRefused, LaunchError, ProtocolError
from polykernel_runner.identity import acting_as
from polykernel_runner.launch import Command, launch_on_terminal
from polykernel_runner.protocol import SHELL_ENDED, ResizeTerminal, terminal_size
from polykernel_runner.tasks import OwnedTasks, Readiness, owned_tasks

log = logging.getLogger(__name__)

READ_SIZE = 64 * 1024
USAGE_EXIT = 2
PING = "%ping"
RESIZE = "%resize"


class Terminal:
    """One shell at a time. `serve` is its one task."""

    def __init__(self, make: Callable[[], Awaitable[Command]], channel: Channel) -> None:
        self._make = make
        self._channel = channel
        self._size = ResizeTerminal(24, 80)
        self._shell: Shell | None = None

    @property
    def in_use(self) -> bool:
        """Whether a shell runs."""
        return self._shell is not None

    def resize(self, size: ResizeTerminal) -> None:
        """Give the shell, or the next one, another size."""
        self._size = size
        if self._shell is not None:
            self._shell.resize(size)

    def command(self, words: list[str]) -> tuple[int, str]:
        """Do a command of part 1, `%ping` or `%resize ROWS COLS`; return its exit code and text."""
        try:
            if words[0] == PING:
                _expect(words, 0)
                return 0, "pong!"
            _expect(words, 2)
            size = terminal_size(int(words[1]), int(words[2]))
        except (ProtocolError, ValueError) as error:
            return USAGE_EXIT, f"usage: {PING} or {RESIZE} ROWS COLS: {error}\n"
        self.resize(size)
        return 0, f"OK; terminal resized to {size.rows} lines and {size.cols} columns"

    async def serve(self) -> None:
        """Pass keystrokes on until cancelled."""
        async with owned_tasks() as tasks:
            tasks.start(self._channel.greet_viewers())
            while True:
                keys = await self._channel.keystrokes()
                try:
                    await self._type(keys, tasks)
                except OSError as error:
                    log.error("what was typed into the terminal is lost: %s", error)

    async def _type(self, keys: bytes, tasks: OwnedTasks) -> None:
        if self._shell is None:
            self._shell = Shell(await self._make(), self._size, self._channel.draw)
            tasks.start(self._live(self._shell))
        await self._shell.type(keys)

    async def _live(self, shell: Shell) -> None:
        try:
            await shell.run()
        except (LaunchError, JobRefused) as error:
            log.error("the terminal's shell did not start: %s", error)
        finally:
            self._shell = None
        await self._channel.draw(SHELL_ENDED)


def command_words(code: str) -> list[str] | None:
    """Return the words of a terminal command, or None for code that is none."""
    if not code.startswith((PING, RESIZE)) or "\n" in code.strip():
        return None
    words = code.split()
    return words if words[0] in (PING, RESIZE) else None


class Shell:
    """A shell from its start to its end, on a terminal of its own. `run` is awaited once."""

    def __init__(
        self, command: Command, size: ResizeTerminal, draw: Callable[[bytes], Awaitable[None]]
    ) -> None:
        self._command = command
        self._draw = draw
        with acting_as(command.user):
            self._fd, self._theirs = os.openpty()
        os.set_blocking(self._fd, False)
        self._readable = Readiness(self._fd)
        self._writable = Readiness(self._fd)
        self.resize(size)

    def resize(self, size: ResizeTerminal) -> None:
        """Tell the terminal its size; the shell is told with a signal."""
        packed = struct.pack("HHHH", size.rows, size.cols, 0, 0)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, packed)

    async def type(self, keys: bytes) -> None:
        """Type; wait while the terminal takes no more."""
        view = memoryview(keys)
        while view and not self._writable.released:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                await self._writable.writable()

    async def run(self) -> None:
        """Run the shell until it has ended and all that it started with it.

        Raises:
            LaunchError: it could not be started.
        """
        # The launcher ends a shell that fills the container's memory; what it drew says no more.
        control = Control(lambda _: None)
        with ExitStack() as stack:
            stack.callback(os.close, self._fd)
            stack.callback(self._writable.release)
            try:
                control.attach(launch_on_terminal(self._command, self._theirs, stack))
                stack.callback(control.detach)
            finally:
                os.close(self._theirs)
            async with owned_tasks() as tasks:
                drawing = tasks.start(self._show())
                await control.exit
                control.order(KILL)
                await control.all_gone.wait()
                self._writable.release()
                self._readable.release()
                await drawing

    async def _show(self) -> None:
        while True:
            try:
                data = os.read(self._fd, READ_SIZE)
            except BlockingIOError:
                if self._readable.released:
                    return
                await self._readable.readable()
            except OSError:
                return  # EIO: nobody has the other side open
            else:
                await self._draw(data)


def _expect(words: list[str], count: int) -> None:
    if len(words) - 1 != count:
        raise ValueError(f"{words[0]} takes {count} arguments, not {len(words) - 1}")
