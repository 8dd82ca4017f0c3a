"""Asks an image which version of its toolchain it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker.errors import DockerException

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
        code, text = _run(client, image, question.command)
    except DockerException as error:
        reason = getattr(error, "explanation", None) or error
        raise DefinitionError(
            f"{manifest}: version.command: {command!r} cannot be run: {reason}"
        ) from error
    if code != 0:
        raise DefinitionError(
            f"{manifest}: version.command: {command!r} ends with exit code {code}: {text.strip()}"
        )
    match = question.pattern.search(text)
    if match is None:
        raise DefinitionError(
            f"{manifest}: version.pattern: {question.pattern.pattern!r} is not in what {command!r} "
            f"says: {text.strip()!r}"
        )
    return match[1]


def _run(client: docker.DockerClient, image: str, command: tuple[str, ...]) -> tuple[int, str]:
    container = client.containers.create(
        image, entrypoint=list(command), command=[], network_disabled=True, user="work"
    )
    try:
        container.start()
        code = container.wait()["StatusCode"]
        return code, container.logs().decode(errors="replace")
    finally:
        container.remove(force=True)
