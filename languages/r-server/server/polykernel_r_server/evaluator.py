"""Queries, one after the other, in a session that lives on."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from polykernel_r_server.api import Api
from polykernel_r_server.console import Console
from polykernel_r_server.errors import RServerError, SessionGoneError
from polykernel_r_server.execution import CancelledError, Execution, UnstoppableError
from polykernel_r_server.files import Files
from polykernel_r_server.login import Login
from polykernel_r_server.settings import read_settings
from polykernel_r_server.transport import Json, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FINE, FAILED, INTERRUPTED = 0, 1, 130


class Evaluator:
    """Logs in and creates a session when the first query comes."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        settings = read_settings(environ)
        transport = Transport(settings.endpoint)
        self._login = Login(transport, settings)
        self._api = Api(transport, self._login)
        self._session: str | None = None
        self._console = Console(sys.stdout.buffer)

    def evaluate(self, code: str, show: Callable[[str, bytes], None]) -> int:
        """Execute code and say what comes of it; return the query's exit code."""
        try:
            try:
                return self._evaluate(code, show)
            except SessionGoneError:
                self._tell("The R Server has given up the session, and what was in it is lost.")
                self._tell("A new one executes this.")
                self._session = None
                return self._evaluate(code, show)
        except RServerError as error:
            self._tell(str(error))
            return FAILED
        except CancelledError:
            return INTERRUPTED
        except UnstoppableError:
            self._session = None
            self._tell("The R Server has not cancelled this in time: the session is given up.")
            raise SystemExit(INTERRUPTED) from None

    def close(self) -> None:
        """Leave nothing on the server, where it can still be told."""
        with suppress(RServerError):
            if self._session is not None:
                self._api.delete(self._session)
        self._login.revoke()

    def _evaluate(self, code: str, show: Callable[[str, bytes], None]) -> int:
        self._console.begin(new_session=self._session is None)
        if self._session is None:
            self._session = self._api.create_session()
        result = Execution(self._api, self._login, self._session, self._console).run(code)
        self._console.finish(_text(result, "consoleOutput"))
        Files(self._api, self._session, show, self._tell).fetch(result.get("changedFiles"))
        if result.get("success") is True:
            return FINE
        self._tell(_text(result, "errorMessage") or "The code has failed; R does not say why.")
        return FAILED

    def _tell(self, text: str) -> None:
        sys.stderr.write(f"{self._login.hide(text).rstrip()}\n")
        sys.stderr.flush()


def _text(result: Json, key: str) -> str:
    text = result.get(key)
    return text if isinstance(text, str) else ""
