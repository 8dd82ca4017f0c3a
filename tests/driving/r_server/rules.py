"""What may be asked for, and with which fields.

From `mlserver-swagger-9.3.0.json` and the page on access tokens of the same documentation.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

# What each operation takes in its body; None: no body at all.
BODIES: Mapping[tuple[str, str], set[str] | None] = {
    ("POST", "/login"): {"username", "password"},
    ("POST", "/login/refreshToken"): {"refreshToken"},
    ("DELETE", "/login/refreshToken"): None,
    ("POST", "/sessions"): {"name", "snapshotId", "runtimeType"},
    ("POST", "/sessions/{id}/execute"): {"code", "inputParameters", "outputParameters"},
    ("GET", "/sessions/{id}/console-output"): None,
    ("POST", "/sessions/{id}/cancel"): None,
    ("GET", "/sessions/{id}/files/{fileName}"): None,
    ("DELETE", "/sessions/{id}"): None,
    ("DELETE", "/sessions/{id}/force"): None,
}
OPEN = frozenset({"/login", "/login/refreshToken"})


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def operation(path: str) -> tuple[str, list[str]]:
    """The path as it is described, and what stands for the names in it."""
    for known in {path for _, path in BODIES}:
        if match := re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", known), path):
            return known, [unquote(name) for name in match.groups()]
    raise Refused(HTTPStatus.NOT_FOUND, f"no operation {path}")


def fields(method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if (method, path) not in BODIES:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{method} {path}")
    known = BODIES[method, path]
    if known is None:
        if body:
            raise Refused(HTTPStatus.BAD_REQUEST, f"{path} takes no body")
        return {}
    if headers.get("Content-Type", "").partition(";")[0] != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not JSON")
    given = json.loads(body)
    needed = {"code"} if "code" in known else known if path in OPEN else set()
    if not isinstance(given, dict) or not needed <= set(given) <= known:
        raise Refused(HTTPStatus.BAD_REQUEST, f"fields of {path}: {sorted(given)}")
    if not all(isinstance(value, str) for value in given.values()):
        raise Refused(HTTPStatus.BAD_REQUEST, f"values of {path}")
    return given
