"""Apps over HTTP, as a browser without a picture sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds.
PATIENCE = 15.0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back at last, after redirects: where from is `path`."""

    status: int
    path: str
    text: str


def get(url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Ask for a page, without what this machine has configured as a proxy."""
    request = Request(url, headers=dict(headers or {}))  # noqa: S310  ours, http
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as reply:
            return Reply(
                status=reply.status, path=urlsplit(reply.url).path, text=reply.read().decode()
            )
    except HTTPError as error:
        with error:
            return Reply(status=error.code, path=urlsplit(error.url).path, text="")
