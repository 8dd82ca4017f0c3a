"""A kernel: what can be asked of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from polykernel.apps import Apps
from polykernel.bounds import LARGEST_RECORD, MOST_OUTPUT
from polykernel.errors import OptionError
from polykernel.jobs import make_job
from polykernel.lifetime import connected, started
from polykernel.options import make_bounds, make_options
from polykernel.questions import Questions
from polykernel.run import Run
from polykernel.terminal import Terminal
from polykernel_runner import protocol

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from polykernel.connection import Connection
    from polykernel.endpoint import Endpoint
    from polykernel.options import Transport


class Kernel(Questions, Apps):
    """A running kernel; made by `start` or `connect`.

    Runs are queued by the kernel and run one after the other; `input`, `interrupt` and questions
    are heard at once. Every method raises KernelDiedError when the container has ended, and
    KernelClosedError behind the `async with`.
    """

    @staticmethod
    def start(
        language: str,
        *,
        image: str | None = None,
        transport: Transport = "auto",
        network: bool = False,
        memory: int | str | None = None,
        cpus: float | None = None,
        processes: int | None = None,
        workdir: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        services: Iterable[str] = (),
        ports: Iterable[int] = (),
        seccomp: str | os.PathLike[str] = "default",
        runtime: str | None = None,
        largest_record: int | str = LARGEST_RECORD,
        most_output: int | str = MOST_OUTPUT,
        start_timeout: float = 30.0,
    ) -> AbstractAsyncContextManager[Kernel]:
        """Start a container; `async with` gives its kernel, and removes it on leaving.

            async with Kernel.start("rust") as kernel:
                result = await kernel.run(files={"main.rs": source})

        The container is removed however the block is left, and also when this process is killed.
        It has a read-only root file system, no capability but those that separate the runner from
        programs, a filter of system calls, and no network. `transport` "ipc" speaks over sockets in
        a private directory, "tcp" over two published ports with CURVE; "auto" is ipc where the
        engine is on this machine. With tcp and without `network` the container cannot reach other
        networks, but it can reach its host.

        Args:
            language: names the image `polykernel/<language>:latest`, unless there is an `image`.
            image: another image, of any name.
            transport: see above.
            network: give the container the engine's usual network.
            memory: bytes, or a text like "512m"; the default is the image's, mostly "1g". Files in
                memory count: the work directory has room for 40 % of it, /tmp for 25 %, and all
                that programs can leave there for 80 %.
            cpus: how many it may use; the default is 2, or what the engine has.
            processes: processes and threads together; the default is the image's, mostly 256.
            workdir: a directory to mount at /home/work, instead of an empty one in memory. Its
                owner, if not root, is whom programs run as; where that is you, "auto" is tcp.
            env: environment variables of the container.
            user: "UID" or "UID:GID" to start the container as, as in `docker run --user`; the
                runner and programs then have one uid, and "auto" is tcp.
            services: apps whose ports are published, on this machine's loopback where the engine
                is here; `start_service` then starts them. Like tcp it takes a network.
            ports: other ports of the container to publish, as for a model server.
            seccomp: which system calls there are: "default" is our own profile, "engine" the
                engine's; else the path of a profile, JSON as Docker takes it.
            runtime: what runs the container, one that the engine knows, such as "runsc" where
                gVisor is installed; the default is the engine's.
            largest_record: the most that the kernel may send at once, bytes or a text like "128m";
                it sends 86 MiB for the largest picture. A kernel that sends more is not heard any
                more: all that is asked of it raises RecordError.
            most_output: the most that awaiting a run collects, and that waits unread while
                something behind it is awaited. More is an OutputError, and the run is cancelled.
                Iterating over a run has no bound.
            start_timeout: seconds from the start of the container to its first answer.

        Raises:
            OptionError: an argument cannot be used.
            EngineNotFoundError, ImageNotFoundError, EngineError: by `async with`.
            KernelTimeoutError, KernelDiedError: by `async with`, when the kernel does not answer.
        """
        options = make_options(
            language,
            image=image,
            transport=transport,
            network=network,
            memory=memory,
            cpus=cpus,
            processes=processes,
            workdir=workdir,
            env=env,
            user=user,
            services=services,
            ports=ports,
            seccomp=seccomp,
            runtime=runtime,
            largest_record=largest_record,
            most_output=most_output,
            start_timeout=start_timeout,
        )
        return _kernel(started(options))

    @staticmethod
    def connect(
        endpoint: Endpoint,
        *,
        largest_record: int | str = LARGEST_RECORD,
        most_output: int | str = MOST_OUTPUT,
        start_timeout: float = 30.0,
    ) -> AbstractAsyncContextManager[Kernel]:
        """Speak to a kernel that somebody else started, and be its only client meanwhile.

        `endpoint` is an `IpcEndpoint` or a `TcpEndpoint`, the other arguments are as in `start`.
        Leaving the `async with` cancels what still runs, and leaves the kernel alone.

        Raises:
            OptionError: an argument cannot be used.
            KernelTimeoutError: by `async with`, when it does not answer within `start_timeout`.
        """
        bounds = make_bounds(largest_record, most_output)
        return _kernel(connected(endpoint, bounds, start_timeout))

    def run(
        self,
        files: Mapping[str, bytes | str] | None = None,
        *,
        args: Sequence[str] = (),
        stdin: bytes | str | None = None,
        env: Mapping[str, str] | None = None,
        limits: protocol.Limits | None = None,
        build: bool | str = True,
        exec: bool | str = True,  # noqa: A002  the protocol's word
        keep: bool = False,
        answers: Iterable[str] | None = None,
    ) -> Run:
        """Build and run a program; the request is sent now.

        Args:
            files: contents by name, relative to the work directory, which they are added to.
            args: the program's arguments.
            stdin: its whole standard input. None leaves that open for `input`: a program that
                reads then waits, for ever if nothing comes.
            env: environment variables of the program.
            limits: what it may use.
            build: False runs what an earlier run built; a text is a shell command to build with.
            exec: False only builds; a text is a shell command to run.
            keep: whether the program finds the files of the one before it, and those that it made;
                without it, and with `files`, they are taken away.
            answers: typed one at each time the program waits for input, then end of file.
        """
        job = make_job(
            files=files,
            args=args,
            stdin=stdin,
            env=env,
            limits=limits,
            build=build,
            exec=exec,
            keep=keep,
        )
        return Run(self._connection, protocol.RunJob(job), answers=answers)

    def query(
        self,
        code: str,
        *,
        args: Sequence[str] = (),
        stdin: bytes | str | None = None,
        env: Mapping[str, str] | None = None,
        limits: protocol.Limits | None = None,
        answers: Iterable[str] | None = None,
    ) -> Run:
        """Evaluate code, in the state that earlier queries left if the language keeps one.

        The request is sent now; arguments are as in `run`. `args` are of use where a query is
        built as a program of its own.
        """
        job = make_job(code=code, args=args, stdin=stdin, env=env, limits=limits)
        return Run(self._connection, protocol.RunJob(job), answers=answers)

    def execute(self, step: protocol.Step, command: str = "*") -> Run:
        """Do one step, "clean", "build" or "exec", by a shell command; "*" is the language's way.

        The request is sent now.
        """
        return Run(self._connection, protocol.RunStep(step, command), ends=step)

    @asynccontextmanager
    async def terminal(self, rows: int = 24, cols: int = 80) -> AsyncIterator[Terminal]:
        """Sit down before the kernel's terminal.

        async with kernel.terminal() as terminal:
            await terminal.type("ls\\r")
            async for drawn in terminal:
                ...
        """
        async with self._connection.terminal() as (keys, screen):
            terminal = Terminal(self._connection, keys, screen)
            await terminal.resize(rows, cols)
            yield terminal

    def address(self, port: int) -> tuple[str, int]:
        """Return host and port at which a port of the container is reached.

        Raises:
            OptionError: it was not named in `Kernel.start(ports=...)`.
        """
        published = self._connection.published
        if port not in published.ports:
            raise OptionError(f"port {port} is not published; name it in Kernel.start(ports=...)")
        return published.host, published.ports[port]


@asynccontextmanager
async def _kernel(connecting: AbstractAsyncContextManager[Connection]) -> AsyncIterator[Kernel]:
    async with connecting as connection:
        yield Kernel(connection)
