"""Speech from Polly, and what to say when there is none."""

from __future__ import annotations

import contextlib
import re
import sys
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as NotReachedError

from polykernel_polly import request

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE_EXIT, FAILED_EXIT = 2, 1
# Seconds, and how often: somebody waits for the sound.
_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3})
_CREDENTIALS = (
    "give the kernel AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, or its host a "
    "role that may call polly:SynthesizeSpeech"
)
_REACH = (
    "the kernel needs a network, and AWS_DEFAULT_REGION or AWS_ENDPOINT_URL must name a place that "
    "answers"
)
# By parts of AWS's names of errors, the first that fits.
_ADVICE = {
    "AccessDenied": "the kernel's user or role needs the permission polly:SynthesizeSpeech",
    "UnrecognizedClient": f"the credentials are not known; {_CREDENTIALS}",
    "InvalidClientToken": f"the credentials are not known; {_CREDENTIALS}",
    "ExpiredToken": f"the credentials have expired; {_CREDENTIALS}",
    "Signature": "AWS_SECRET_ACCESS_KEY is another key's, or the kernel's clock is wrong",
    "Throttling": "too much is asked for at once; try again later",
    "TextLengthExceeded": "send the text in shorter parts",
}
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_OTHER_TYPE = "application/octet-stream"


class Speaker:
    """Answers requests; it keeps its connection, and nothing else."""

    def __init__(self) -> None:
        self._session = boto3.Session()
        self._client: Any = None

    def evaluate(self, code: str, show: Callable[[str, bytes], None]) -> int:
        """Show the sound that a query asks for; return its exit code."""
        try:
            parameters = request.parse(code)
        except request.RequestError as error:
            return _refuse(str(error), USAGE_EXIT)
        try:
            kind, sound = self._speak(parameters)
        except (BotoCoreError, ClientError) as error:
            return _refuse(self._without_secrets(_told(error, parameters)), FAILED_EXIT)
        show(kind, sound)
        return 0

    def _speak(self, parameters: dict[str, Any]) -> tuple[str, bytes]:
        if self._client is None:
            self._client = self._session.client("polly", config=_CONFIG)
        response = self._client.synthesize_speech(**parameters)
        with contextlib.closing(response["AudioStream"]) as stream:
            sound = stream.read()
        kind = _MIME_TYPE.match(response["ContentType"])
        return (kind[0] if kind else _OTHER_TYPE), sound

    def _without_secrets(self, text: str) -> str:
        """Return a text of AWS's, which may repeat what was sent, for people."""
        with contextlib.suppress(BotoCoreError):
            if (credentials := self._session.get_credentials()) is not None:
                for secret in filter(None, credentials.get_frozen_credentials()):
                    text = text.replace(secret, "***")
        return text


def _told(error: Exception, parameters: dict[str, Any]) -> str:
    match error:
        case ClientError():
            return _refusal(error.response, parameters)
        case NoCredentialsError() | PartialCredentialsError():
            return f"{error}; {_CREDENTIALS}"
        case NotReachedError():
            return f"{error}; {_REACH}"
        case HTTPClientError():
            return f"{error}; try again"
    return str(error)


def _refusal(response: dict[str, Any], parameters: dict[str, Any]) -> str:
    code = str(response["Error"].get("Code", "Unknown"))
    message = response["Error"].get("Message") or "nothing more is told"
    status = response["ResponseMetadata"].get("HTTPStatusCode", "unknown")
    asked = ", ".join(f"{name} {value!r}" for name, value in parameters.items() if name != "Text")
    fitting = (advice for part, advice in _ADVICE.items() if part in code)
    advice = next(fitting, f"asked for was {asked}")
    return f"Polly refuses the request: {code}, HTTP {status}: {message}; {advice}"


def _refuse(reason: str, exit_code: int) -> int:
    sys.stderr.write(f"{reason}\n")
    return exit_code
