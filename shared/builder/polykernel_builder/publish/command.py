"""`invoke push` and `invoke sbom`."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker.errors import DockerException, ImageNotFound
from rich.console import Console
from rich.table import Table

from polykernel_builder.catalog import Image, Language
from polykernel_builder.commands import use_engine
from polykernel_builder.console import console
from polykernel_builder.errors import EngineError, UntestedError, UsageError
from polykernel_builder.progress import progress
from polykernel_builder.publish.attachment import attach
from polykernel_builder.publish.digests import DigestsFile, PushedImage
from polykernel_builder.publish.registry import RegistryClient
from polykernel_builder.publish.sbom import inventory
from polykernel_builder.publish.tags import usual_tags
from polykernel_builder.publish.tested import TestRecord
from polykernel_builder.publish.upload import Uploader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import docker

    from polykernel_builder.catalog import Target, Tree
    from polykernel_builder.engine import Engine
    from polykernel_builder.progress import Progress
    from polykernel_builder.publish.destination import Destination
    from polykernel_builder.publish.upload import Uploaded


@dataclass(frozen=True, kw_only=True)
class PushOptions:
    """`tags` are those to push under instead of the usual ones."""

    destination: Destination
    tags: tuple[str, ...]
    digests: Path
    dry_run: bool = False
    untested: bool = False


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A built image that is to be pushed, and whether its tests have passed."""

    name: str
    image_id: str
    labels: Mapping[str, str]
    tags: tuple[str, ...]
    tested: bool


def push(tree: Tree, targets: Sequence[Target], options: PushOptions) -> None:
    """Push what is built of `targets`; digests on stdout and in a file.

    Raises:
        UsageError: one of them is not built, or is not for others.
        UntestedError: the tests of one have not passed for the image that is there now.
        RegistryError: the registry is not there or does not take it; the file says what was pushed.
    """
    engine = use_engine()
    candidates = [
        _candidate(tree, engine.client, each, options.tags) for each in published(targets)
    ]
    if options.dry_run:
        _show(candidates, options.destination)
    if not options.untested:
        _refuse_untested(candidates)
    if options.dry_run:
        return
    digests = DigestsFile(options.digests)
    try:
        with progress(console) as shown:
            for candidate in candidates:
                pushed = _push(tree, engine, candidate, options.destination, shown)
                digests.add(candidate.name, pushed)
                sys.stdout.write(f"{pushed.reference}\n")
                sys.stdout.flush()
    except DockerException as error:
        raise EngineError(f"the engine refuses: {error}") from error
    console.print(f"{len(candidates)} images pushed; their digests are in {options.digests}")


def published(targets: Sequence[Target]) -> list[Target]:
    """Those of `targets` that are for others; an image that only tests use is not."""
    return [each for each in targets if not isinstance(each, Image) or each.manifest.published]


def write_sbom(tree: Tree, target: Target, output: str | None) -> None:
    """Make the inventory of a built image; write it to a file, or where there is none to stdout."""
    engine = use_engine()
    found = _candidate(tree, engine.client, target, ())
    console.print(f"looking into {target.image}")
    path = inventory(tree, engine.host, found.name, found.image_id, found.labels)
    if output is None:
        sys.stdout.write(path.read_text(encoding="utf-8"))
        return
    try:
        shutil.copyfile(path, output)
    except OSError as error:
        raise UsageError(f"--output {output}: cannot be written: {error.strerror}") from error
    console.print(f"wrote {output}")


def _candidate(
    tree: Tree, client: docker.DockerClient, target: Target, tags: tuple[str, ...]
) -> Candidate:
    name = f"{target.image}:latest"
    option = f"--lang {target.name}" if isinstance(target, Language) else "--all"
    try:
        image = client.images.get(name)
    except ImageNotFound:
        raise UsageError(f"{name} is not built: invoke build {option}") from None
    except DockerException as error:
        raise EngineError(f"{name}: the engine refuses: {error}") from error
    image_id = str(image.id)
    return Candidate(
        name=target.name,
        image_id=image_id,
        labels=image.labels,
        tags=tags or usual_tags(image.labels),
        tested=TestRecord(tree).find(image_id) is not None,
    )


def _refuse_untested(candidates: Sequence[Candidate]) -> None:
    names = [candidate.name for candidate in candidates if not candidate.tested]
    if names:
        test = f"invoke test --lang {names[0]}" if len(names) == 1 else "./test"
        raise UntestedError(
            f"the tests of {', '.join(names)} have not passed for the images that are there now: "
            f"{test}, or push all the same with --untested"
        )


def _push(
    tree: Tree, engine: Engine, candidate: Candidate, destination: Destination, shown: Progress
) -> PushedImage:
    repository = destination.repository(candidate.name)
    with (
        shown.image(candidate.name, done="pushed") as report,
        closing(RegistryClient(destination, repository, engine.client.info())) as registry,
    ):
        uploader = Uploader(engine.client, destination, registry.try_to_write)
        uploaded = [
            uploader.push(candidate.image_id, repository, tag, report) for tag in candidate.tags
        ]
        report.step(_sum(repository, candidate.tags, uploaded))
        report.detail("looking into it")
        document = inventory(
            tree, engine.host, candidate.name, candidate.image_id, candidate.labels
        )
        sbom = attach(registry, uploaded[0].digest, document)
    return PushedImage(
        repository=repository,
        digest=uploaded[0].digest,
        tags=candidate.tags,
        image_id=candidate.image_id,
        sbom=sbom,
    )


def _sum(repository: str, tags: Sequence[str], uploaded: Sequence[Uploaded]) -> str:
    layers, there = sum(each.layers for each in uploaded), uploaded[0].present
    return f"{repository}: {', '.join(tags)}; {layers} layers uploaded, {there} were there"


def _show(candidates: Sequence[Candidate], destination: Destination) -> None:
    table = Table("image", "id", "tests", "would be pushed as", box=None, pad_edge=False)
    for each in candidates:
        repository = destination.repository(each.name)
        names = "\n".join(f"{repository}:{tag}" for tag in each.tags)
        short = each.image_id.partition(":")[2][:12]
        table.add_row(each.name, short, "passed" if each.tested else "not passed", names)
    Console(highlight=False, markup=False, soft_wrap=True).print(table)
