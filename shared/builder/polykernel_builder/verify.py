"""Builds an image twice and tells what differs."""

from __future__ import annotations

import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, cast

from docker.errors import DockerException

from polykernel_builder.commands import build, use_engine
from polykernel_builder.comparison import CONTENT, Difference, compare, excerpt
from polykernel_builder.console import console
from polykernel_builder.errors import EngineError
from polykernel_builder.images import Options
from polykernel_builder.saved_image import read_image
from polykernel_builder.scratch import scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import docker
    from docker.models.containers import Container

    from polykernel_builder.catalog import Target, Tree
    from polykernel_builder.comparison import KnownDifference

# Of more files than this it is told that their contents differ, not how.
EXCERPTS = 100
# Contents up to this size are held in memory, larger ones in a file.
IN_MEMORY = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What differs between two builds, in three heaps; `gone` are known ones that did not show."""

    name: str
    unknown: tuple[Difference, ...]
    known: tuple[tuple[Difference, KnownDifference], ...]
    gone: tuple[KnownDifference, ...]


def verify(
    tree: Tree, targets: Sequence[Target], ca: Path | None, show: Callable[[str], None]
) -> bool:
    """Build `targets` twice without the cache; whether nothing differs but what is known to.

    All that they build on is built too. What differs is told to `show`, a line at a time.
    """
    client = use_engine().client
    with scratch(client) as made:
        for number in (1, 2):
            console.print(f"build {number} of 2, without the cache")
            options = Options(no_cache=True, ca_bundle=ca, tag=made.tag(number), on_image=made.add)
            build(tree, targets, options)
        verdicts = []
        for target in targets:
            console.print(f"{target.name}: comparing")
            images = [f"{target.image}:{made.tag(number)}" for number in (1, 2)]
            verdict = judge(tree, target, compare_images(client, *images))
            for line in report(verdict):
                show(line)
            verdicts.append(verdict)
    return not any(verdict.unknown for verdict in verdicts)


def judge(tree: Tree, target: Target, differences: Sequence[Difference]) -> Verdict:
    """Hold what differs against what `target`, and what it builds on, are known to differ in."""
    listed = known_differences(tree, target)
    unknown, known = [], []
    for difference in differences:
        cover = next((each for each in listed if each.covers(difference)), None)
        if cover is None:
            unknown.append(difference)
        else:
            known.append((difference, cover))
    shown = {cover for _, cover in known}
    return Verdict(
        name=target.name,
        unknown=tuple(unknown),
        known=tuple(known),
        gone=tuple(each for each in target.differences if each not in shown),
    )


def known_differences(tree: Tree, target: Target) -> tuple[KnownDifference, ...]:
    """Its own, and those of all that it builds on."""
    parents = [tree.target(name) for name in target.dockerfile.parents]
    inherited = [each for parent in parents for each in known_differences(tree, parent)]
    return tuple(dict.fromkeys([*target.differences, *inherited]))


def report(verdict: Verdict) -> Iterator[str]:
    """The verdict in lines."""
    for difference in verdict.unknown:
        yield f"{verdict.name}: {_told(difference)}"
        yield from (f"    {line}" for line in difference.detail.splitlines()[1:])
    for difference, cover in verdict.known:
        yield f"{verdict.name}: known: {_told(difference)} ({cover.reason})"
    for cover in verdict.gone:
        yield f"{verdict.name}: no longer differs, take it out of the manifest: {cover.path}"
    counts = f"{len(verdict.unknown)} unknown and {len(verdict.known)} known"
    yield f"{verdict.name}: {counts} differences between two builds"


def _told(difference: Difference) -> str:
    first = difference.detail.partition("\n")[0]
    return f"{difference.path}: {difference.kind}{': ' if first else ''}{first}"


def compare_images(client: docker.DockerClient, first: str, second: str) -> list[Difference]:
    """All differences of two images of the engine's, with how contents differ."""
    found = compare(read_image(client, first), read_image(client, second))
    contents = [difference for difference in found if difference.kind == CONTENT][:EXCERPTS]
    if not contents:
        return found
    try:
        with _container(client, first) as one, _container(client, second) as other:
            details = {}
            for each in contents:
                with _content(one, each.path) as left, _content(other, each.path) as right:
                    details[each] = _detail(excerpt(left, right))
    except DockerException as error:
        raise EngineError(f"{first}: the engine does not give files: {error}") from error
    return [replace(each, detail=details.get(each, each.detail)) for each in found]


def _detail(lines: list[str]) -> str:
    return lines[0] if len(lines) == 1 else "\n".join(["", *lines])


@contextmanager
def _container(client: docker.DockerClient, image: str) -> Iterator[Container]:
    """A container that never starts: there to take files from."""
    # Not every image has a command, but every container.
    container = client.containers.create(image, command=["none"])
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


@contextmanager
def _content(container: Container, path: str) -> Iterator[IO[bytes]]:
    chunks, _ = container.get_archive(path)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        for chunk in chunks:
            spool.write(chunk)
        spool.seek(0)
        with tarfile.open(fileobj=cast("IO[bytes]", spool), mode="r:") as archive:
            member = archive.next()
            content = archive.extractfile(member) if member else None
            if content is None:
                raise EngineError(f"{path} is not given out as a file")
            yield content
