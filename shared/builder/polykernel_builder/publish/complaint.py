"""What an engine or a registry says when it will not take an image, in terms of what to do."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from polykernel_builder.errors import BuilderError, LoginRefusedError, RegistryError

if TYPE_CHECKING:
    from polykernel_builder.publish.destination import Destination


class Kind(Enum):
    LOGIN = "login"
    UNKNOWN_HOST = "unknown host"
    FULL = "full"
    PLAIN_HTTP = "plain http"
    PASSING = "passing"
    OTHER = "other"


# The first that matches; engines wrap the registry's words in their own, so these are looked for.
_KINDS = (
    (Kind.FULL, r"no space left|quota|insufficient storage|\b507\b|exceed.* (limit|storage)"),
    (
        Kind.LOGIN,
        r"no basic auth|unauthorized|authentication required|\bdenied\b|\b40[13]\b",
    ),
    (Kind.UNKNOWN_HOST, r"no such host|name or service not known|name resolution"),
    (Kind.PLAIN_HTTP, r"server gave HTTP response to HTTPS client"),
    (
        Kind.PASSING,
        (
            r"\b(5\d\d|429)\b|EOF|connection (reset|refused|aborted)|closed network connection"
            r"|broken pipe|timeout|timed out|too many requests|unavailable"
        ),
    ),
)


def kind_of(text: str) -> Kind:
    """What sort of refusal `text` tells of."""
    kinds = (kind for kind, pattern in _KINDS if re.search(pattern, text, re.IGNORECASE))
    return next(kinds, Kind.OTHER)


def refusal(destination: Destination, repository: str, text: str) -> BuilderError:
    """The error to end with: one line that says what is wrong and what to do."""
    host = destination.host
    said = " ".join(text.split())
    kind = kind_of(text)
    if kind is Kind.LOGIN:
        return LoginRefusedError(
            f"{host} refuses {repository}: {said}; log in with an account that may push there: "
            f"docker login {host}"
        )
    if kind is Kind.UNKNOWN_HOST:
        return RegistryError(f"{host} cannot be found: {said}; is --registry spelled right?")
    if kind is Kind.FULL:
        return RegistryError(
            f"{host} has no room for {repository}: {said}; make room there, or raise its quota"
        )
    if kind is Kind.PLAIN_HTTP:
        return RegistryError(
            f"{host} speaks plain http, which engines accept on localhost only; give it a "
            f"certificate, or name it in the engine's daemon.json as insecure-registries: {said}"
        )
    return RegistryError(f"{host} does not take {repository}: {said}")
