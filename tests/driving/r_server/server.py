"""What the server does: who is let in, and what is done in which session."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from driving.r_server.r import Session
from driving.r_server.rules import OPEN, Refused, fields, operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

USERNAME, PASSWORD = "deployruser", 'pass "wörd" & more'


@dataclass
class RServer:
    """What is on the server, and what tests do to it.

    `calls` are the operations that were asked for, with the status of the answer. `life` is that
    of an access token, `told_life` what clients are told of it. `faulty` are operations that
    answer with a fault of the server's own, `broken` those that do not answer.
    """

    calls: list[tuple[str, str, int]] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    life: float = 3600
    told_life: float | None = None
    faulty: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def expire(self) -> None:
        """Make access tokens worthless, which clients are not told."""
        with self.lock:
            self.access.clear()

    def forget(self) -> None:
        """Make refresh tokens worthless, too."""
        self.expire()
        self.refresh.clear()

    def asked(self, operation: str) -> list[int]:
        """The statuses that an operation, such as `POST /login`, was answered with."""
        return [status for method, path, status in self.calls if f"{method} {path}" == operation]

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> object:
        """Do what is asked. Raises Refused."""
        parts = urlsplit(url)
        path, names = operation(parts.path)
        given = fields(method, path, headers, body)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if set(query) != ({"refreshToken"} if (method, path) == _REVOKE else set()):
            raise Refused(HTTPStatus.BAD_REQUEST, f"query of {path}")
        if path not in OPEN or method == "DELETE":
            self._check(headers.get("Authorization", ""))
        if f"{method} {path}" in self.faulty:
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, f"no node for {PASSWORD}")
        return _DO[method, path](self, names, {**given, **query})

    def login(self, _: list[str], given: dict[str, Any]) -> object:
        if (given["username"], given["password"]) != (USERNAME, PASSWORD):
            raise Refused(HTTPStatus.UNAUTHORIZED, f"not {given['password']}")
        return self._tokens()

    def renew(self, _: list[str], given: dict[str, Any]) -> object:
        if given["refreshToken"] not in self.refresh:
            raise Refused(HTTPStatus.UNAUTHORIZED, "invalid or expired refresh token")
        self.forget()
        return self._tokens()

    def revoke(self, _: list[str], given: dict[str, Any]) -> object:
        self.renew([], given)
        self.forget()
        return {}

    def create(self, _: list[str], __: dict[str, Any]) -> object:
        name = secrets.token_hex(8)
        self.sessions[name] = Session()
        return {"sessionId": name}

    def execute(self, names: list[str], given: dict[str, Any]) -> object:
        return self._session(names[0]).execute(given["code"])

    def console(self, names: list[str], _: dict[str, Any]) -> object:
        return {"consoleOutput": self._session(names[0]).console}

    def cancel(self, names: list[str], _: dict[str, Any]) -> object:
        self._session(names[0]).cancelled.set()
        return "cancelled"

    def file(self, names: list[str], _: dict[str, Any]) -> object:
        files = self._session(names[0]).files
        if names[1] not in files:
            raise Refused(HTTPStatus.NOT_FOUND, "no such file")
        return files[names[1]]

    def delete(self, names: list[str], _: dict[str, Any]) -> object:
        session = self._session(names[0])
        if not session.busy.acquire(blocking=False):
            raise Refused(HTTPStatus.CONFLICT, "the session is busy")
        return self.delete_by_force(names, {})

    def delete_by_force(self, names: list[str], _: dict[str, Any]) -> object:
        session = self._session(names[0])
        session.kill()
        del self.sessions[names[0]]
        return "deleted"

    def _session(self, name: str) -> Session:
        if name not in self.sessions:
            raise Refused(HTTPStatus.NOT_FOUND, "session not found")
        return self.sessions[name]

    def _tokens(self) -> object:
        access, refresh = secrets.token_urlsafe(16), f"{secrets.token_urlsafe(8)}/+="
        with self.lock:
            self.access[access] = time.monotonic() + self.life
            self.refresh.add(refresh)
        told = self.life if self.told_life is None else self.told_life
        return {
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": told,
            "expires_on": str(int(time.time() + told)),
            "refresh_token": refresh,
        }

    def _check(self, authorization: str) -> None:
        with self.lock:
            if self.access.get(authorization.removeprefix("Bearer "), 0) < time.monotonic():
                raise Refused(HTTPStatus.UNAUTHORIZED, "invalid or expired access token")


_REVOKE = ("DELETE", "/login/refreshToken")
_DO: Mapping[tuple[str, str], Callable[[RServer, list[str], dict[str, Any]], object]] = {
    ("POST", "/login"): RServer.login,
    ("POST", "/login/refreshToken"): RServer.renew,
    _REVOKE: RServer.revoke,
    ("POST", "/sessions"): RServer.create,
    ("POST", "/sessions/{id}/execute"): RServer.execute,
    ("GET", "/sessions/{id}/console-output"): RServer.console,
    ("POST", "/sessions/{id}/cancel"): RServer.cancel,
    ("GET", "/sessions/{id}/files/{fileName}"): RServer.file,
    ("DELETE", "/sessions/{id}"): RServer.delete,
    ("DELETE", "/sessions/{id}/force"): RServer.delete_by_force,
}
