"""Builds images in the order in which they build on one another."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import version
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from docker.errors import DockerException

from polykernel_builder import build_log
from polykernel_builder.catalog import Image, Language
from polykernel_builder.context import packed, packed_dockerfile
from polykernel_builder.debian import USUAL, Debian
from polykernel_builder.dockerfile import LATEST, OURS, rebased, retagged
from polykernel_builder.errors import BuilderError, DefinitionError, EngineError
from polykernel_builder.labels import Origin, image_labels, language_labels
from polykernel_builder.platforms import engine_platform
from polykernel_builder.source import source_state
from polykernel_builder.toolchain import ask_version
from polykernel_builder.vendor import vendor
from polykernel_builder.wheels import WheelCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import docker

    from polykernel_builder.catalog import Target, Tree
    from polykernel_builder.progress import ImageReport, Progress

VERSION = version("polykernel")


@dataclass(frozen=True, kw_only=True)
class Options:
    """`tag` names what is built; under any other than `latest` it leaves the usual images alone.

    What is built for another platform needs a tag of its own.
    `on_image` is told the id of each image that is made on the way, those without a name too.
    """

    no_cache: bool = False
    jobs: int = 1
    ca_bundle: Path | None = None
    tag: str = LATEST
    debian: Debian = USUAL
    on_image: Callable[[str], None] = lambda _: None


def built_on(tree: Tree, targets: Iterable[Target]) -> list[Target]:
    """`targets` and all they build on, each once."""
    waiting, found = list(targets), dict[str, "Target"]()
    while waiting:
        target = waiting.pop()
        if target.name not in found:
            tree.check([target])
            found[target.name] = target
            waiting += [tree.target(name) for name in target.dockerfile.parents]
    return [*found.values()]


def build_order(tree: Tree, targets: Iterable[Target]) -> TopologicalSorter[str]:
    """`targets` and all they build on. Raises DefinitionError for a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for target in built_on(tree, targets):
        sorter.add(target.name, *target.dockerfile.parents)
    try:
        sorter.prepare()
    except CycleError as error:
        raise DefinitionError(f"images build on one another: {error.args[1]}") from error
    return sorter


class Builder:
    """Builds targets of one tree with one engine."""

    def __init__(
        self, tree: Tree, client: docker.DockerClient, progress: Progress, options: Options
    ) -> None:
        self._tree = tree
        self._client = client
        self._progress = progress
        self._options = options
        self._platform = options.debian.platform
        machine = (self._platform or engine_platform(client)).machine
        self._wheels = WheelCache(tree.cache, machine, options.ca_bundle)

    def build(self, targets: Iterable[Target]) -> None:
        """Build `targets` and what they need, `jobs` at a time.

        Raises BuilderError for the first that fails, when those under way have ended.
        """
        order = build_order(self._tree, targets)
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(self._options.jobs) as pool:
            try:
                while order.is_active():
                    for name in order.get_ready():
                        running[pool.submit(self._one, self._tree.target(name))] = name
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                        order.done(running.pop(future))
            finally:
                for future in running:
                    future.cancel()

    def _one(self, target: Target) -> None:
        tag = self._options.tag
        with self._progress.image(target.name) as report:
            report.step("vendoring")
            vendor(target, self._wheels.directory, self._options.ca_bundle)
            # Labels change with commits and must not disturb the cache: first all else is built,
            # under a name that no other build uses at the same time.
            content = f"{target.image}:content-{uuid4().hex}"
            try:
                with packed(target.directory, tag, self._options.debian.image) as stream:
                    image_id = self._run(stream, content, report, target)
                try:
                    labels = self._labels(target, image_id)
                    with packed_dockerfile(f"FROM {content}\n") as stream:
                        self._run(stream, f"{target.image}:{tag}", report, target, labels=labels)
                finally:
                    self._client.api.remove_image(content, force=True, noprune=True)
                if tag == LATEST:
                    self._client.api.tag(f"{target.image}:{tag}", target.image, VERSION)
            except DockerException as error:
                raise EngineError(f"{target.image}: the engine refuses: {error}") from error

    def _run(
        self,
        stream: IO[bytes],
        tag: str,
        report: ImageReport,
        target: Target,
        *,
        labels: dict[str, str] | None = None,
    ) -> str:
        messages = self._client.api.build(
            fileobj=stream,
            custom_context=True,
            tag=tag,
            rm=True,
            forcerm=True,
            nocache=self._options.no_cache and labels is None,
            labels=labels,
            platform=str(self._platform) if self._platform else None,
            decode=True,
        )
        on_step = report.step if labels is None else report.detail
        return build_log.follow(
            target.image, messages, on_step, report.detail, self._options.on_image
        )

    def _labels(self, target: Target, image_id: str) -> dict[str, str]:
        origin = self._origin(target)
        if isinstance(target, Language):
            question = target.manifest.version
            answer = ask_version(self._client, image_id, question, target.directory)
            return language_labels(target.name, target.manifest, answer, origin)
        if isinstance(target, Image):
            return image_labels(
                target.name, target.manifest.title, target.manifest.description, origin
            )
        raise BuilderError(f"{target.directory}: neither a language nor an image")

    def _origin(self, target: Target) -> Origin:
        state = source_state(self._tree.root, inputs(target))
        base = target.dockerfile.base
        archive = self._options.debian.archive
        used = rebased(retagged(base, self._options.tag), self._options.debian.image)
        return Origin(
            version=VERSION,
            created=state.created,
            revision=state.revision,
            source=state.url,
            base_name=base,
            base_digest=self._digest(used),
            debian_archive=archive.url if archive else None,
        )

    def _digest(self, image: str) -> str | None:
        try:
            found = self._client.images.get(image)
        except DockerException:
            return None
        # What registries call one of ours shall not change what is built on it.
        known = () if image.startswith(OURS) else found.attrs.get("RepoDigests") or ()
        digests = [text.partition("@")[2] for text in known]
        return digests[0] if digests else found.id


def inputs(target: Target) -> list[Path]:
    """The files and directories that `target`'s own layers are made from."""
    if isinstance(target, Language):
        return [target.directory, target.tree.runner]
    if isinstance(target, Image):
        root = target.tree.root
        files = [path for pattern in target.manifest.files for path in root.glob(pattern)]
        wheels = target.manifest.wheels
        return [target.directory, *files, *([wheels] if wheels else [])]
    return [target.directory]
