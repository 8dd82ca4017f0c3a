"""Where the R Server is and who logs in, by environment alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from polykernel_r_server.errors import RServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT, USERNAME, PASSWORD = "MRS_ENDPOINT", "MRS_USERNAME", "MRS_PASSWORD"
EXAMPLE = "such as https://r.example.org:12800"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`endpoint` is a URL without a slash at its end."""

    endpoint: str
    username: str
    password: str = field(repr=False)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check them. Raises RServerError, which names the variable and no secret."""
    missing = [name for name in (ENDPOINT, USERNAME, PASSWORD) if not environ.get(name)]
    if missing:
        raise RServerError(
            f"{', '.join(missing)}: not set. Start the kernel with {ENDPOINT} (a URL, {EXAMPLE}),"
            f" {USERNAME} and {PASSWORD} in its environment, and with a network"
        )
    return Settings(
        endpoint=_endpoint(environ[ENDPOINT]),
        username=environ[USERNAME],
        password=environ[PASSWORD],
    )


def _endpoint(text: str) -> str:
    wrong = RServerError(f"{ENDPOINT} is not the URL of a server, {EXAMPLE}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise wrong
    if parts.query or parts.fragment:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise RServerError(f"{ENDPOINT} must not say who logs in; {USERNAME} and {PASSWORD} do")
    return text.rstrip("/")
