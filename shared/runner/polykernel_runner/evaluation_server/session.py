"""An evaluation server, from its start to its end."""

from __future__ import annotations

import asyncio

from polykernel_runner.breach import EXIT_TIME, Breach
from polykernel_runner.errors import LaunchError, SessionBroken
from polykernel_runner.evaluation import RecordSink
from polykernel_runner.evaluation_server import assistance
from polykernel_runner.evaluation_server.connection import Connection, Listener
from polykernel_runner.evaluation_server.evaluation import ServerEvaluation
from polykernel_runner.language import EvaluationServer
from polykernel_runner.pictures import Pictures
from polykernel_runner.process import Program
from polykernel_runner.protocol import AssistanceRecord, AssistanceRequest, Limits
from polykernel_runner.protocol.verdict import Ending
from polykernel_runner.runtime import Runtime
from polykernel_runner.session import DirectOutput

START_TIME = 60.0  # seconds; a cold start on a busy machine takes some
# Seconds for the answer to a question; what takes longer is of no help to who types.
ASSIST_TIME = 5.0


class ServerSession:
    """A server that evaluates one query after the other."""

    def __init__(  # noqa: PLR0917
        self,
        program: Program,
        ended: asyncio.Task[Ending],
        connection: Connection,
        output: DirectOutput,
        server: EvaluationServer,
        pictures: Pictures,
    ) -> None:
        self.program = program
        self.output = output
        self.breach = Breach(program)
        self._ended = ended
        self._connection = connection
        self._server = server
        self._pictures = pictures
        self._turn = asyncio.Lock()

    @classmethod
    async def start(
        cls,
        runtime: Runtime,
        server: EvaluationServer,
        output: DirectOutput,
        *,
        removes_ipc: bool,
    ) -> ServerSession:
        """Start a server and wait until it is ready; `removes_ipc` is as in `Command`.

        Raises:
            LaunchError: it died, or was not ready in time.
        """
        listener = Listener(runtime.workspace)
        argv = runtime.words("", socket=listener.path).expand(server.argv)
        pictures = Pictures(runtime.workspace)
        command = runtime.command(
            argv, stdin=None, env=pictures.env(), renewable_input=True, removes_ipc=removes_ipc
        )
        program = Program(command, output)
        ended = asyncio.create_task(program.run())
        getting_ready = asyncio.create_task(_ready(listener))
        try:
            await asyncio.wait(
                [getting_ready, ended], timeout=START_TIME, return_when=asyncio.FIRST_COMPLETED
            )
            if not getting_ready.done():
                how = "ended while it started" if ended.done() else "was not ready in time"
                raise LaunchError(f"the evaluation server {how}")
            connection = getting_ready.result()
        except BaseException:
            getting_ready.cancel()
            program.stop("shutdown")
            await asyncio.gather(getting_ready, ended, return_exceptions=True)
            raise
        finally:
            listener.close()
        program.rest_input()
        return cls(program, ended, connection, output, server, pictures)

    def evaluation(self, sink: RecordSink, limits: Limits) -> ServerEvaluation:
        """Begin a query."""
        evaluation = ServerEvaluation(
            self._connection,
            self._turn,
            self.program,
            self._ended,
            self.breach,
            sink,
            limits,
            self._pictures,
        )
        evaluation.insistence = self._server.insistence
        return evaluation

    async def assist(self, request: AssistanceRequest) -> AssistanceRecord | None:
        """Answer a question about code, or say nothing."""
        if assistance.name_of(request) not in self._server.assists:
            return None
        async with self._turn:
            try:
                return await asyncio.wait_for(
                    assistance.ask(self._connection, request), ASSIST_TIME
                )
            except asyncio.TimeoutError:
                return None
            except SessionBroken as error:
                self.breach.found(error)
                await asyncio.wait([self._ended])
                return None

    async def close(self) -> None:
        """End the server: gently, for it may have something to put in order."""
        self.output.close()
        await self._connection.close()
        await asyncio.wait([self._ended], timeout=EXIT_TIME)
        self.program.stop("shutdown")
        await asyncio.gather(self._ended, return_exceptions=True)


async def _ready(listener: Listener) -> Connection:
    """Return the connection of a server that is ready."""
    connection = await listener.accept()
    try:
        message = await connection.receive(0)
    except SessionBroken as error:  # no query had a hand in that
        await connection.close()
        raise LaunchError(f"the evaluation server {error} before it was ready") from None
    except BaseException:
        await connection.close()
        raise
    if message is None or message.words != ("ready",) or message.size:
        await connection.close()
        raise LaunchError("the evaluation server did not say that it is ready")
    return connection
