"""Asks an image which version of its toolchain it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker.errors import ContainerError, DockerException

from polykernel_builder.errors import DefinitionError

if TYPE_CHECKING:
    from pathlib import Path

    import docker

    from polykernel_builder.manifest import VersionQuestion


def ask_version(
    client: docker.DockerClient, image: str, question: VersionQuestion, directory: Path
) -> str:
    """Run `question`'s command in `image`. Raises DefinitionError when it does not answer."""
    manifest = directory / "language.toml"
    command = " ".join(question.command)
    try:
        output = client.containers.run(
            image,
            entrypoint=list(question.command),
            command=[],
            network_disabled=True,
            user="work",
            remove=True,
            stderr=True,
        )
    except ContainerError as error:
        stderr = error.stderr or b""
        text = stderr if isinstance(stderr, str) else stderr.decode(errors="replace")
        raise DefinitionError(
            f"{manifest}: version.command: {command!r} fails: {text.strip()}"
        ) from error
    except DockerException as error:
        raise DefinitionError(
            f"{manifest}: version.command: {command!r} cannot be run: {error}"
        ) from error
    text = bytes(output).decode(errors="replace")
    match = question.pattern.search(text)
    if match is None:
        raise DefinitionError(
            f"{manifest}: version.pattern: {question.pattern.pattern!r} is not in what {command!r} "
            f"says: {text.strip()!r}"
        )
    return match[1]
