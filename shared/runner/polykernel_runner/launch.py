"""Starts polykernel-launch, the supervisor of one program (shared/runner/launcher)."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import field

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import JobRefused, LaunchError
from polykernel_runner.identity import Identity
from polykernel_runner.protocol import Limits

PIPE_SIZE = 256 * 1024
# Beyond it are no resource limits (setrlimit(2)): more than that is as good as no limit.
MOST = 2**62
MOST_SECONDS = 1e9
# Who is given one of our pipes may also open it as /dev/stdin, /dev/stdout or /dev/stderr; nobody
# else finds it. (To make it the user's, as whom all threads would have to act, takes much longer.)
_FOR_ALL = 0o666


@dataclass(frozen=True, slots=True)
class Rulesets:
    """Descriptors of what programs may touch (landlock(7)): those kept apart signal no others."""

    usual: int
    confined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run.

    `launcher` is the path of polykernel-launch, `user` whom to run as (None: the runner's own
    uid). `stdin` is given at once and ended; None leaves it open for input. `keep_leftovers` lets
    what the program leaves behind live on, as long as `Program.run` is awaited. With
    `renewable_input` one program serves several runs, each with input of its own. `rulesets`,
    by `make_rulesets`, say what it may touch. `ceiling` is
    what the container may use before the program is ended, in bytes, 0 for any. `alone` says that
    no other program of the user's runs, so that the container's counters tell of this one;
    `removes_ipc` that the shared memory, queues and semaphores that appear meanwhile are its own.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    launcher: str
    user: Identity | None = None
    stdin: bytes | None = None
    limits: Limits = field(default_factory=Limits)
    keep_leftovers: bool = False
    renewable_input: bool = False
    rulesets: Rulesets | None = None
    ceiling: int = 0
    alone: bool = False
    removes_ipc: bool = False
    scoped: bool = False


class Launched:
    """A launcher that has been started, and the runner's ends of its pipes and sockets.

    The stack owns them all but `stdin`, which the caller closes.

    Raises:
        LaunchError: it could not be started.
        JobRefused: no program could be started with such arguments.
    """

    def __init__(self, command: Command, stack: ExitStack) -> None:
        with ExitStack() as theirs:
            self.control, control = _socket_pair(stack, theirs)
            inherited = {"-c": control.fileno()}
            self.watch = None
            if command.stdin is None:
                self.watch, watch = _socket_pair(stack, theirs)
                inherited["-w"] = watch.fileno()
            self.stdout, stdout = _pipe(stack, theirs)
            self.stderr, stderr = _pipe(stack, theirs)
            stdin, self.stdin = os.pipe2(os.O_CLOEXEC)
            theirs.callback(os.close, stdin)
            if command.user is not None:
                for fd in (stdin, stdout, stderr):
                    os.fchmod(fd, _FOR_ALL)
            for fd in (self.stdin, self.stdout, self.stderr):
                os.set_blocking(fd, False)
            try:
                process = _spawn(command, inherited, (), (stdin, stdout, stderr))
            except BaseException:
                os.close(self.stdin)
                raise
            self.pid = process.pid
            stack.callback(_reap, process, self.control)


def launch_on_terminal(command: Command, terminal: int, stack: ExitStack) -> socket.socket:
    """Start a launcher whose program has a terminal; return the control socket.

    `terminal` is the user's side of it, and stays the caller's. The stack owns the rest.

    Raises:
        LaunchError: it could not be started.
    """
    with ExitStack() as theirs:
        ours, control = _socket_pair(stack, theirs)
        process = _spawn(command, {"-c": control.fileno()}, ("-p",), (terminal, terminal, terminal))
        stack.callback(_reap, process, ours)
        return ours


def make_rulesets(launcher: str) -> Rulesets | None:
    """Return rules that keep programs from writing to /proc, for `Command`.

    None where the kernel has no such rules (landlock(7)), or there is no launcher to make them.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        try:
            process = subprocess.Popen(
                [launcher, "rulesets", "-c", str(theirs.fileno())], pass_fds=[theirs.fileno()]
            )
        except OSError:
            return None  # and that each program will say
        theirs.close()
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 2)
        process.wait()
        return Rulesets(*descriptors) if descriptors else None


def _spawn(
    command: Command,
    inherited: Mapping[str, int],
    flags: tuple[str, ...],
    streams: tuple[int, int, int],
) -> subprocess.Popen[bytes]:
    if command.rulesets is not None:
        rules = command.rulesets
        inherited = {**inherited, "-r": rules.confined if command.scoped else rules.usual}
    stdin, stdout, stderr = streams
    try:
        return subprocess.Popen(
            _launcher_argv(command, inherited, flags),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=dict(command.env),
            pass_fds=[*inherited.values()],
        )
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.E2BIG:
            raise JobRefused("the arguments and variables together are too long") from error
        raise LaunchError(f"cannot start {command.launcher}: {error}") from error


def _reap(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    # Without its control socket the launcher kills what is left and ends.
    control.close()
    process.wait()


def _launcher_argv(
    command: Command, inherited: Mapping[str, int], flags: tuple[str, ...]
) -> list[str]:
    argv = [command.launcher, "-d", command.cwd, *flags]
    for flag, fd in inherited.items():
        argv += [flag, str(fd)]
    if command.user is not None:
        argv += ["-u", str(command.user.uid), "-g", str(command.user.gid)]
    if command.ceiling:
        argv += ["-C", str(command.ceiling)]
    chosen = {"-a": command.alone, "-i": command.removes_ipc}
    argv += [flag for flag, is_chosen in chosen.items() if is_chosen]
    return [*argv, *_limits(command.limits), "--", *command.argv]


def _limits(limits: Limits) -> list[str]:
    words: dict[str, float | None] = {
        "-f": limits.file_size,
        "-M": limits.memory,
        "-N": limits.processes,
    }
    if limits.cpu_time is not None:
        words["-U"] = min(limits.cpu_time, MOST_SECONDS) * 1e6
        # Whole seconds, and only what the launcher's own look at it may miss.
        words["-t"] = int(min(limits.cpu_time, MOST_SECONDS)) + 1
    if limits.wall_time is not None:
        words["-W"] = min(limits.wall_time, MOST_SECONDS) * 1e3
    given = {flag: value for flag, value in words.items() if value is not None}
    # No limit is 0 for the launcher, so what is less than a unit of its own is one.
    return [
        word for flag, value in given.items() for word in (flag, str(max(1, int(min(value, MOST)))))
    ]


def _socket_pair(ours: ExitStack, theirs: ExitStack) -> tuple[socket.socket, socket.socket]:
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pair[0].setblocking(False)
    return ours.enter_context(pair[0]), theirs.enter_context(pair[1])


def _pipe(reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    pair = os.pipe2(os.O_CLOEXEC)
    reader.callback(os.close, pair[0])
    writer.callback(os.close, pair[1])
    # Fewer and larger records; refused where the user's share of pipe memory is used up.
    with contextlib.suppress(OSError):
        fcntl.fcntl(pair[0], fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    return pair
