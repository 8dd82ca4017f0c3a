"""One Jupyter kernel process and its channels."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable, Iterator

import zmq
from jupyter_client import session
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from polykernel_runner.errors import LaunchError, SessionBroken
from polykernel_runner.identity import acting_as
from polykernel_runner.jupyter.link import Link
from polykernel_runner.jupyter.mailbox import Mailbox
from polykernel_runner.launch import Command
from polykernel_runner.process import Program, Sink
from polykernel_runner.protocol import AssistanceRequest, Complete, Inspect, IsComplete
from polykernel_runner.protocol.verdict import Ending
from polykernel_runner.workspace import Workspace

START_TIME = 60.0  # seconds; a cold start on a busy machine takes some
# Milliseconds between tries to connect, and seconds between questions, while the kernel starts.
RECONNECT_TIME = 10
MESSAGES_UNDER_WAY = 4
ASK_AGAIN_TIME = 0.2
# Bytes of a frame, by channel. What is larger libzmq does not take, and gives the channel up.
LARGEST_SHOWN = 32 * 1024 * 1024
LARGEST_ANSWER = 4 * 1024 * 1024
_LARGEST = {
    "iopub": LARGEST_SHOWN,
    "shell": LARGEST_ANSWER,
    "stdin": LARGEST_ANSWER,
    "control": LARGEST_ANSWER,
}

CommandMaker = Callable[[str], Command]

# Nobody here asks when a message was sent, and to parse that takes a quarter of a query's time.
setattr(session, "extract_dates", lambda header: header)  # noqa: B010 - it exports only classes


class Kernel:
    """A running kernel. Made by `start`, ended by `close`; `ended` is done when it has died."""

    def __init__(
        self, program: Program, client: BlockingKernelClient, run: asyncio.Task[Ending]
    ) -> None:
        self.program = program
        self.client = client
        self.ended = run
        # To which the kernel may still reply when others are asked.
        self.questions: list[str] = []
        self.links: list[Link] = []
        for name, most in _LARGEST.items():
            client.context.setsockopt(zmq.MAXMSGSIZE, most)
            channel = getattr(client, f"{name}_channel")
            channel.start()
            self.links.append(Link(channel.socket))
        self.published = Mailbox(client.iopub_channel)
        self.replies = Mailbox(client.shell_channel)
        self.prompts = Mailbox(client.stdin_channel)
        self.control = Mailbox(client.control_channel)

    @classmethod
    async def start(cls, make: CommandMaker, workspace: Workspace, sink: Sink) -> Kernel:
        """Start a kernel and wait until it answers.

        `make` gives the command for a connection file; `sink` gets what the process writes
        past Jupyter's channels.

        Raises:
            LaunchError: it died or did not answer in time.
        """
        directory = workspace.private("jupyter")
        with acting_as(workspace.user):
            path, info = write_connection_file(
                os.path.join(directory, "connection.json"), key=secrets.token_hex(32).encode()
            )
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_TIME)
        # What is not taken here waits in the kernel, and then so does who prints.
        context.setsockopt(zmq.RCVHWM, MESSAGES_UNDER_WAY)
        # A kernel that does not read would have us wait, and with us all that the runner does.
        context.setsockopt(zmq.SNDTIMEO, 0)
        client = BlockingKernelClient(context=context)
        client.load_connection_info(info)
        program = Program(make(path), sink)
        run = asyncio.create_task(program.run())
        kernel = cls(program, client, run)
        try:
            await asyncio.wait_for(kernel._answer(), START_TIME)
        except BaseException as error:
            await kernel.close()
            if isinstance(error, asyncio.TimeoutError):
                raise LaunchError(f"the kernel did not answer in {START_TIME:.0f} s") from None
            raise
        return kernel

    def execute(self, code: str) -> str:
        """Send code; return the id of the request.

        Raises:
            SessionBroken: the kernel does not read what it is sent.
        """
        with _sending():
            return str(self.client.execute(code, allow_stdin=True))

    def answer(self, text: str) -> None:
        """Answer a prompt.

        Raises:
            SessionBroken: the kernel does not read what it is sent.
        """
        with _sending():
            self.client.input(text)
        self.prompts.look()

    def ask_about_itself(self) -> str:
        """Ask what does not concern a query, on the control channel; return the request's id.

        Raises:
            SessionBroken: the kernel does not read what it is sent.
        """
        question = self.client.session.msg("kernel_info_request")
        with _sending():
            self.client.control_channel.send(question)
        return str(question["header"]["msg_id"])

    def ask(self, question: AssistanceRequest) -> str:
        """Ask about code; return the id of the request.

        Raises:
            SessionBroken: the kernel does not read what it is sent.
        """
        with _sending():
            match question:
                case Complete(code=code, post=post):
                    return str(self.client.complete(code + post, len(code)))
                case Inspect(code=code, cursor=cursor):
                    return str(self.client.inspect(code, cursor))
                case IsComplete(code=code):
                    return str(self.client.is_complete(code))

    async def close(self) -> None:
        """End the process and close the channels."""
        self.program.stop("shutdown")
        await asyncio.gather(self.ended, return_exceptions=True)
        self.client.stop_channels()
        self.client.context.destroy(linger=0)

    async def _answer(self) -> None:
        """Wait until the kernel answers a question, and what it publishes arrives here."""
        heard = asyncio.ensure_future(self._hears())
        try:
            while not heard.done():
                self.questions.append(self.client.kernel_info())
                await asyncio.wait(
                    [heard, self.ended],
                    timeout=ASK_AGAIN_TIME,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if self.ended.done():
                    raise LaunchError("the kernel ended while it started")
            heard.result()
        except SessionBroken as error:  # no query had a hand in that
            raise LaunchError(f"the kernel {error} while it started") from None
        finally:
            heard.cancel()

    async def _hears(self) -> None:
        await self.published.next()
        for link in self.links:
            await link.opens()


@contextlib.contextmanager
def _sending() -> Iterator[None]:
    try:
        yield
    except zmq.Again:
        raise SessionBroken("does not read what it is sent") from None
