"""One query: executed in a thread, while what it prints is asked for and interrupts are heard."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from polykernel_r_server.errors import RServerError, SessionGoneError

if TYPE_CHECKING:
    from polykernel_r_server.api import Api
    from polykernel_r_server.console import Console
    from polykernel_r_server.login import Login
    from polykernel_r_server.transport import Answer, Json

# Seconds: between questions what has been printed; how long they may go without an answer; and how
# long a server has to cancel what it executes, less than the runner waits.
ASK_EVERY = 0.5
SILENCE = 60.0
CANCEL_TIME = 3.0


class CancelledError(Exception):
    """The execution was interrupted and has ended; the session is as it was."""


class UnstoppableError(Exception):
    """The execution was interrupted and goes on."""


class Execution:
    """Executes code in a session."""

    def __init__(self, api: Api, login: Login, session: str, console: Console) -> None:
        self._api = api
        self._login = login
        self._session = session
        self._console = console

    def run(self, code: str) -> Json:
        """Return what the server tells at the end.

        Raises:
            RServerError, SessionGoneError: as they say.
            CancelledError, UnstoppableError: what came of an interrupt.
        """
        answer = self._execute(code, self._login.token())
        if answer.status == HTTPStatus.UNAUTHORIZED:
            answer = self._execute(code, self._login.renewed())
        return self._api.executed(answer)

    def _execute(self, code: str, token: str) -> Answer:
        request = _Request(self._api, self._session, code, token)
        try:
            request.start()
            heard = time.monotonic()
            while not request.done.wait(ASK_EVERY):
                try:
                    self._console.update(self._api.console(self._session))
                except SessionGoneError:
                    pass  # old servers do not tell; if it is so, the execution ends
                except RServerError:
                    if time.monotonic() - heard > SILENCE:
                        raise
                    continue
                heard = time.monotonic()
        except KeyboardInterrupt:
            self._cancel(request)
        return request.answer()

    def _cancel(self, request: _Request) -> None:
        usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with suppress(RServerError):
                self._api.cancel(self._session)
            if not request.done.wait(CANCEL_TIME):
                with suppress(RServerError):
                    self._api.delete(self._session, force=True)
                raise UnstoppableError
            with suppress(RServerError):
                self._console.finish(self._api.console(self._session))
            raise CancelledError
        finally:
            signal.signal(signal.SIGINT, usual)


class _Request:
    """A request that may take for ever, in a thread that nobody need wait for."""

    def __init__(self, api: Api, session: str, code: str, token: str) -> None:
        self.done = threading.Event()
        self._answer: Answer | RServerError = RServerError("the request has failed")
        self._thread = threading.Thread(
            target=self._send, args=(api, session, code, token), daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def answer(self) -> Answer:
        """The answer, once it is `done`. Raises RServerError."""
        if isinstance(self._answer, RServerError):
            raise self._answer
        return self._answer

    def _send(self, api: Api, session: str, code: str, token: str) -> None:
        try:
            self._answer = api.execute(session, code, token)
        except RServerError as error:
            self._answer = error
        finally:
            self.done.set()
