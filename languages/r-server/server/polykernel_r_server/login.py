"""Tokens: got by name and password, renewed before they expire and when they are refused."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from polykernel_r_server.errors import RServerError
from polykernel_r_server.refusal import refused
from polykernel_r_server.settings import PASSWORD, USERNAME, Settings
from polykernel_r_server.transport import OK, Answer, Transport

# The part of a token's life after which it is renewed, and its seconds where they are not told.
USABLE = 0.9
USUAL_LIFE = 3600.0


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`renew_at` is of the monotonic clock."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    renew_at: float


class Login:
    """Who we are to the server."""

    def __init__(self, transport: Transport, settings: Settings) -> None:
        self._transport = transport
        self._settings = settings
        self._tokens: Tokens | None = None

    def hide(self, text: str) -> str:
        """Take what nobody may read out of a text."""
        secrets = [self._settings.password]
        if self._tokens is not None:
            secrets += [self._tokens.access, self._tokens.refresh]
        for secret in filter(None, secrets):
            text = text.replace(secret, "...")
        return text

    def token(self) -> str:
        """One that can be used. Raises RServerError."""
        if self._tokens is None or time.monotonic() >= self._tokens.renew_at:
            return self.renewed()
        return self._tokens.access

    def renewed(self) -> str:
        """A new one: by the refresh token, or where that is not taken any more by the password."""
        tokens, self._tokens = self._tokens, None
        answer = None
        if tokens is not None:
            body = {"refreshToken": tokens.refresh}
            answer = self._transport.send("POST", "/login/refreshToken", body=body)
        if answer is None or answer.status not in OK:
            body = {"username": self._settings.username, "password": self._settings.password}
            answer = self._transport.send("POST", "/login", body=body)
            if answer.status == HTTPStatus.UNAUTHORIZED:
                raise refused(f"refuses {USERNAME} and {PASSWORD}", answer)
            if answer.status not in OK:
                raise refused("does not let us log in", answer)
        self._tokens = _tokens(answer)
        return self._tokens.access

    def revoke(self) -> None:
        """Make the tokens worthless, where the server can still be told."""
        if self._tokens is not None:
            query = {"refreshToken": self._tokens.refresh}
            with suppress(RServerError):
                self._transport.send(
                    "DELETE",
                    "/login/refreshToken",
                    token=self._tokens.access,
                    query=query,
                    patience=1,
                )


def _tokens(answer: Answer) -> Tokens:
    given = answer.json()
    access, refresh = given.get("access_token"), given.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise RServerError("the R Server gives no tokens; is MRS_ENDPOINT its address?")
    try:
        life = float(str(given.get("expires_in", USUAL_LIFE)))
    except ValueError:
        life = USUAL_LIFE
    return Tokens(access=access, refresh=refresh, renew_at=time.monotonic() + life * USABLE)
