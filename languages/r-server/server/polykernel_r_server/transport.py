"""HTTP to one server: requests, answers, and in words why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TypeAlias, cast
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Timeout

from polykernel_r_server.errors import RServerError

Json: TypeAlias = Mapping[str, object]

# Seconds: to be let in, and for an answer to what is not a user's code.
CONNECT_TIME = 10.0
ANSWER_TIME = 30.0
OK = range(200, 300)
PIECE = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Json:
        """The body, which must be an object. Raises RServerError."""
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise RServerError(
                f"the R Server answers with what is no JSON object (status {self.status});"
                " is MRS_ENDPOINT its address?"
            )
        return cast("Json", value)


class Transport:
    """Sends requests to `endpoint`. It may be used by several threads at a time."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._pool = urllib3.PoolManager(retries=False)

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        patience: float | None = ANSWER_TIME,
        into: IO[bytes] | None = None,
    ) -> Answer:
        """Ask, and wait for the answer, for ever where `patience` is None.

        A good answer's body goes `into` a file, if there is one. Raises RServerError.
        """
        headers = {"Accept": "application/json" if into is None else "*/*"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self._endpoint}{path}{'?' + urlencode(query) if query else ''}"
        timeout = Timeout(connect=min(CONNECT_TIME, patience or CONNECT_TIME), read=patience)
        try:
            response = self._pool.request(
                method,
                url,
                json=body,
                headers=headers,
                timeout=timeout,
                redirect=False,
                preload_content=False,
            )
            with response:
                if into is None or response.status not in OK:
                    return Answer(status=response.status, body=response.read())
                for piece in response.stream(PIECE):
                    into.write(piece)
                return Answer(status=response.status, body=b"")
        except HTTPError as error:
            raise RServerError(f"{_why(error)} ({self._endpoint})") from error


def _why(error: HTTPError) -> str:
    """What urllib3 says names its own objects, and the path, in which a token may be."""
    match error:
        case SSLError():
            return (
                "there is no secure connection to the R Server; where its certificate is of an"
                f" authority of your own, SSL_CERT_FILE must name that one's: {error}"
            )
        case NewConnectionError():
            return f"the R Server cannot be reached: {error.__cause__ or 'no connection'}"
        case ConnectTimeoutError():
            return "the R Server cannot be reached: nobody answers"
        case ReadTimeoutError():
            return "the R Server does not answer"
        case ProtocolError():
            return "the R Server has broken off the connection"
        case _:
            return f"the R Server cannot be spoken with: {type(error).__name__}"
