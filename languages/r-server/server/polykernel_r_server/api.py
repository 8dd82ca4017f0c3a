"""What is used of the server's API, one method for each operation."""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from polykernel_r_server.errors import RServerError, SessionGoneError
from polykernel_r_server.refusal import refused
from polykernel_r_server.transport import OK, Answer, Json, Transport

if TYPE_CHECKING:
    from polykernel_r_server.login import Login

GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# Seconds for a server to do what nobody waits for.
SHORT_TIME = 2.0


class Api:
    """Each may raise RServerError; those of a session SessionGoneError, too."""

    def __init__(self, transport: Transport, login: Login) -> None:
        self._transport = transport
        self._login = login

    def create_session(self) -> str:
        """Return the new session's id."""
        answer = self._ask("POST", "/sessions", body={"name": "polykernel"})
        if answer.status not in OK:
            raise refused("creates no session", answer)
        session = answer.json().get("sessionId")
        if not isinstance(session, str) or not session:
            raise RServerError("the R Server creates a session and does not tell its id")
        return session

    def execute(self, session: str, code: str, token: str) -> Answer:
        """Execute code, for as long as that takes. Alone of all this may be done in a thread."""
        return self._transport.send(
            "POST", f"{_path(session)}/execute", token=token, body={"code": code}, patience=None
        )

    def executed(self, answer: Answer) -> Json:
        """What came of it, from the answer to `execute`."""
        return _checked("execute the code", answer).json()

    def console(self, session: str) -> str:
        """What the current execution has printed, or the last one."""
        answer = self._ask("GET", f"{_path(session)}/console-output", patience=SHORT_TIME)
        text = _checked("tell what was printed", answer).json().get("consoleOutput")
        return text if isinstance(text, str) else ""

    def cancel(self, session: str) -> None:
        """Have the current execution ended; the session stays."""
        answer = self._ask("POST", f"{_path(session)}/cancel", patience=SHORT_TIME)
        _checked("cancel the execution", answer)

    def fetch(self, session: str, file: str, into: IO[bytes]) -> None:
        """Copy a file of the session's directory."""
        path = f"{_path(session)}/files/{quote(file, safe='')}"
        _checked(f"give the file {file!r}", self._ask("GET", path, into=into))

    def delete(self, session: str, *, force: bool = False) -> None:
        """End a session; with `force` also one that is busy."""
        path = f"{_path(session)}/force" if force else _path(session)
        self._ask("DELETE", path, patience=SHORT_TIME)

    def _ask(self, method: str, path: str, **options: Any) -> Answer:  # noqa: ANN401
        """Ask, and where the token is refused once more with a new one."""
        answer = self._transport.send(method, path, token=self._login.token(), **options)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        return self._transport.send(method, path, token=self._login.renewed(), **options)


def _path(session: str) -> str:
    return f"/sessions/{quote(session, safe='')}"


def _checked(what: str, answer: Answer) -> Answer:
    if answer.status in GONE:
        raise SessionGoneError("the R Server does not know the session")
    if answer.status not in OK:
        raise refused(f"does not {what}", answer)
    return answer
