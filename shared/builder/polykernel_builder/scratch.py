"""Builds under names of their own, of which nothing is left in the end."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from docker.errors import APIError

from polykernel_builder.dockerfile import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker


class Scratch:
    """Tags that nobody else uses, and the ids of what is built on the way to them."""

    def __init__(self) -> None:
        self._name = f"scratch-{uuid4().hex[:12]}"
        self._images: list[str] = []

    def tag(self, number: int) -> str:
        return f"{self._name}-{number}"

    def add(self, image: str) -> None:
        """Remember an image that has no name, such as a stage's."""
        self._images.append(image)

    def remove(self, client: docker.DockerClient) -> None:
        """Remove all images that were built; those that somebody has given a name stay."""
        for image in client.images.list():
            for name in image.tags:
                if name.startswith(OURS) and name.partition(":")[2].startswith(self._name):
                    client.api.remove_image(name, force=True)
        # The newest first: an image on which others build cannot go.
        for made in reversed(self._images):
            with suppress(APIError):
                if not client.images.get(made).tags:
                    client.api.remove_image(made, noprune=True)


@contextmanager
def scratch(client: docker.DockerClient) -> Iterator[Scratch]:
    """Around builds that are thrown away, however they end."""
    made = Scratch()
    try:
        yield made
    finally:
        made.remove(client)
