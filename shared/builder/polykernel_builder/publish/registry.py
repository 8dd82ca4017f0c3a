"""A registry, spoken to directly: for what the engine cannot say or bring there."""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from docker.auth import load_config
from oras.auth import AuthenticationException
from oras.provider import Registry
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from polykernel_builder.errors import BuilderError
from polykernel_builder.publish.complaint import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polykernel_builder.publish.destination import Destination

# Where engines look for what signed a registry's certificate.
CERTIFICATES = Path("/etc/docker/certs.d")
PING_TIMEOUT = 10
# 500 is also what a full one answers, and that does not pass.
PASSING = (429, 502, 503, 504)
# More than what is left over on a full disk.
TRIAL = 256 * 1024
NO_SPACE = 28  # errno(3)


class _Client(Registry):  # type: ignore[misc] # untyped
    # It would wait for two minutes on its own; who calls decides on retries.
    do_request = Registry.do_request.__wrapped__


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST

    @property
    def text(self) -> str:
        """The status and the registry's own words, on one line."""
        words = " ".join(self.body.decode(errors="replace").split())
        return f"{self.status} {HTTPStatus(self.status).phrase}: {words[:300]}"


class RegistryClient:
    """One repository of a registry, with the credentials of Docker's own configuration.

    Raises, in every method, LoginRefusedError or RegistryError.
    """

    def __init__(self, destination: Destination, repository: str, info: Mapping[str, Any]) -> None:
        """`info` is the engine's: who may be spoken to in the clear is settled there."""
        self._destination = destination
        self._repository = repository
        host = destination.host
        own = CERTIFICATES / host / "ca.crt"
        lax = is_insecure(host, info)
        verify: bool | str = str(own) if own.exists() else not lax
        with self._refusals():
            plain = lax and not _speaks_tls(host)
            top = f"{'http' if plain else 'https'}://{host}/v2/"
            asked = requests.get(top, verify=verify, timeout=PING_TIMEOUT)
            basic = asked.headers.get("WWW-Authenticate", "").lower().startswith("basic")
            self._client = _Client(
                host,
                insecure=plain,
                tls_verify=verify,
                auth_backend="basic" if basic else "token",
            )
            # Broken connections too, whatever was asked: each request may be made again.
            again = Retry(
                total=4,
                backoff_factor=0.5,
                status_forcelist=PASSING,
                allowed_methods=None,
                raise_on_status=False,
            )
            self._client.session.mount(top, HTTPAdapter(max_retries=again))
            if login := _login(host):
                self._client.auth.set_basic_auth(*login)
            elif basic:
                raise refusal(destination, repository, "no basic auth credentials")
        self._api = f"{top}{repository.removeprefix(f'{host}/')}/"

    def close(self) -> None:
        self._client.session.close()

    def request(self, method: str, path: str, data: bytes | None = None, **headers: str) -> Answer:
        """Ask for `path` below the repository, or for an address that the registry gave."""
        url = path if path.startswith("http") else self._api + path
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        with self._refusals():
            response = self._client.do_request(url, method, data=data, headers=sent)
            answer = Answer(
                status=response.status_code, body=response.content, headers=response.headers
            )
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise refusal(self._destination, self._repository, answer.text)
        return answer

    def expect(self, answer: Answer) -> Answer:
        """The answer, if it is a good one."""
        if answer.ok:
            return answer
        text = answer.text
        if f'"Err":{NO_SPACE}' in text:
            text = "no space left on its device"
        raise refusal(self._destination, self._repository, text)

    def upload(self, digest: str, data: bytes) -> bool:
        """Bring a blob there; whether it was not there before."""
        if self.request("HEAD", f"blobs/{digest}").ok:
            return False
        place = self._open_upload()
        separator = "&" if "?" in place else "?"
        sent = self.request(
            "PUT",
            f"{place}{separator}digest={digest}",
            data,
            Content_Type="application/octet-stream",
        )
        self.expect(sent)
        return True

    def try_to_write(self) -> None:
        """Find out whether it takes anything just now: what it is given is taken back."""
        place = self._open_upload()
        sent = self.request(
            "PATCH", place, os.urandom(TRIAL), Content_Type="application/octet-stream"
        )
        self.request("DELETE", sent.headers.get("Location", place))
        self.expect(sent)

    def _open_upload(self) -> str:
        opened = self.expect(self.request("POST", "blobs/uploads/"))
        return requests.compat.urljoin(self._api, opened.headers["Location"])

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except BuilderError:
            raise
        except (requests.RequestException, OSError) as error:
            raise refusal(self._destination, self._repository, _innermost(error)) from error
        # Its ways of saying that the credentials are not taken.
        except (AuthenticationException, ValueError) as error:
            text = f"unauthorized ({error})"
            raise refusal(self._destination, self._repository, text) from error


def is_insecure(host: str, info: Mapping[str, Any]) -> bool:
    """Whether the engine would speak to `host` without a certificate."""
    config = info.get("RegistryConfig") or {}
    index = (config.get("IndexConfigs") or {}).get(host)
    if index is not None:
        return not index["Secure"]
    name = host.rpartition(":")[0] if ":" in host else host
    try:
        address = ipaddress.ip_address(socket.gethostbyname(name.strip("[]")))
    except (OSError, ValueError):
        return False
    ranges = config.get("InsecureRegistryCIDRs") or ()
    return any(address in ipaddress.ip_network(text, strict=False) for text in ranges)


def _login(host: str) -> tuple[str, str] | None:
    # Helpers that keep passwords write these keys with capitals, the file has them without.
    found = load_config().resolve_authconfig(host) or {}
    known = {key.lower(): value for key, value in found.items()}
    return (known["username"], known["password"]) if known.get("username") else None


def _speaks_tls(host: str) -> bool:
    try:
        requests.head(f"https://{host}/v2/", verify=False, timeout=PING_TIMEOUT)  # noqa: S501
    except (requests.exceptions.SSLError, requests.ConnectionError):
        return False
    return True


def _innermost(error: BaseException) -> str:
    """The last cause's own words: urllib3 wraps them in the names of its classes."""
    while isinstance(error, requests.RequestException) and error.args:
        inner = error.args[0]
        inner = getattr(inner, "reason", inner)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return str(error)
