"""One image under one tag, brought to a registry by the engine: once more where that may help."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from docker.errors import DockerException, ImageNotFound

from polykernel_builder.publish.complaint import Kind, kind_of, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    import docker

    from polykernel_builder.progress import ImageReport
    from polykernel_builder.publish.destination import Destination

TRIES = 5
FIRST_WAIT = 1.0  # seconds, then twice as long each time
RETRYING = "Retrying"


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """The manifest's digest, how many layers went over the wire, and how many were there."""

    digest: str
    layers: int
    present: int


class RefusedError(Exception):
    """What the engine says of a push that failed."""


class Uploader:
    """Pushes to one registry. `look` is called when the engine meets trouble that it will retry
    for long: it may raise, which ends the push at once.
    """

    def __init__(
        self,
        client: docker.DockerClient,
        destination: Destination,
        look: Callable[[], None],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._destination = destination
        self._look = look
        self._wait = wait

    def push(self, image_id: str, repository: str, tag: str, report: ImageReport) -> Uploaded:
        """Raises LoginRefusedError or RegistryError, whose text is one line."""
        name = f"{repository}:{tag}"
        self._client.api.tag(image_id, repository, tag)
        try:
            for turn in range(1, TRIES + 1):
                try:
                    return self._once(repository, tag, report)
                except RefusedError as error:
                    text = str(error)
                    if kind_of(text) is not Kind.PASSING:
                        raise refusal(self._destination, repository, text) from error
                    if turn == TRIES:
                        text = f"{text} (tried {TRIES} times)"
                        raise refusal(self._destination, repository, text) from error
                    pause = FIRST_WAIT * 2 ** (turn - 1)
                    report.step(f"{text}; once more in {pause:g} s ({turn} of {TRIES})")
                    self._wait(pause)
            raise AssertionError("unreachable")
        finally:
            # Names of other places would stay in everybody's list of images.
            with suppress(ImageNotFound):
                self._client.api.remove_image(name, noprune=True)

    def _once(self, repository: str, tag: str, report: ImageReport) -> Uploaded:
        transfer = _Transfer()
        try:
            messages = self._client.api.push(repository, tag, stream=True, decode=True)
            for message in messages:
                if str(message.get("status", "")).startswith(RETRYING) and not transfer.looked:
                    transfer.looked = True
                    self._look()
                transfer.take(message)
                report.detail(f"{tag}: {transfer}")
        except (DockerException, requests.RequestException) as error:
            raise RefusedError(str(getattr(error, "explanation", None) or error)) from error
        if transfer.error or not transfer.digest:
            raise RefusedError(transfer.error or "the engine ended without a word on the result")
        done = [status for status in transfer.states.values() if status == "Pushed"]
        return Uploaded(
            digest=transfer.digest, layers=len(done), present=len(transfer.states) - len(done)
        )


@dataclass
class _Transfer:
    """How far one push has come; `sent` and `sizes` are bytes by layer, before compression."""

    digest: str = ""
    error: str = ""
    looked: bool = False
    states: dict[str, str] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def take(self, message: dict[str, Any]) -> None:
        self.error = self.error or str(message.get("error", ""))
        self.digest = str((message.get("aux") or {}).get("Digest", self.digest))
        layer, status = message.get("id"), str(message.get("status", ""))
        if layer is None:
            return
        self.states[layer] = re.sub(r" from .*", "", status)
        detail = message.get("progressDetail") or {}
        self.sent[layer] = max(self.sent.get(layer, 0), detail.get("current", 0))
        self.sizes[layer] = max(self.sizes.get(layer, 0), detail.get("total", 0), self.sent[layer])
        if status == "Pushed":
            self.sent[layer] = self.sizes[layer]

    def __str__(self) -> str:
        sent, total = sum(self.sent.values()), sum(self.sizes.values())
        return f"{sent / 1e6:.1f} of {total / 1e6:.1f} MB"
