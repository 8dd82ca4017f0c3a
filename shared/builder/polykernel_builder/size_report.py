"""Where the bytes of images are, and whether there are more than there should be."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from docker.errors import DockerException, ImageNotFound

from polykernel_builder.commands import use_engine
from polykernel_builder.console import console
from polykernel_builder.errors import BuilderError, EngineError, UsageError
from polykernel_builder.figures import load_measured
from polykernel_builder.matrix import render
from polykernel_builder.saved_image import read_image
from polykernel_builder.sizes import GrownError, load_sizes, outgrown, record, save_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import docker

    from polykernel_builder.catalog import Target, Tree
    from polykernel_builder.layers import Layer
    from polykernel_builder.sizes import Sizes

# How many directories of a layer are named, how deep they lie at most, and what they hold at least.
DIRECTORIES, DEPTH, LEAST = 3, 3, 50_000
WIDTH = 72

_COPIED = re.compile(r"\b(?:file|dir|multi):[0-9a-f]{64} in\b")


def show_sizes(tree: Tree, name: str | None, show: Callable[[str], None]) -> None:
    """Tell of the layers of an image, or of all that are built, a line at a time.

    Raises:
        GrownError: an image is too large for its record; a line for each.
    """
    client = use_engine().client
    sizes = load_sizes(tree.sizes)
    measured = measure_sizes(client, chosen(tree, client, name))
    for each, size in measured.items():
        show(_heading(each, size, sizes))
        for layer in read_image(client, tree.target(each).image).layers:
            show(_line(layer))
    if grown := outgrown(sizes, measured):
        raise GrownError("\n".join(grown))


def record_sizes(tree: Tree, name: str | None, note: str | None) -> None:
    """Write down the sizes that images have now, and the page that tells them.

    Raises:
        GrownError: an image has grown by more than is allowed, and there is no note.
    """
    client = use_engine().client
    measured = measure_sizes(client, chosen(tree, client, name))
    sizes = record(load_sizes(tree.sizes), measured, note)
    page = render(tree, load_measured(tree.measured), sizes)
    save_sizes(tree.sizes, sizes)
    tree.matrix.write_text(page, encoding="utf-8")
    for each, size in measured.items():
        console.print(f"{each}: {size} bytes recorded")


def measure_sizes(client: docker.DockerClient, targets: Iterable[Target]) -> dict[str, int]:
    """The bytes of images by name, as the engine counts them."""
    try:
        return {each.name: client.images.get(each.image).attrs["Size"] for each in targets}
    except ImageNotFound as error:
        raise BuilderError(f"{error.explanation}; build it first: invoke build") from error
    except DockerException as error:
        raise EngineError(f"the engine does not tell of images: {error}") from error


def chosen(tree: Tree, client: docker.DockerClient, name: str | None) -> Sequence[Target]:
    """The one that is named, which must be built, or all that are built."""
    built = {tag for image in client.images.list() for tag in image.tags}
    if name is None:
        every = [*tree.images.values(), *tree.languages.values()]
        return [target for target in every if f"{target.image}:latest" in built]
    target = tree.target(name)
    if f"{target.image}:latest" not in built:
        raise UsageError(f"{target.image} is not built; first: invoke build --lang {name}")
    return [target]


def _heading(name: str, size: int, sizes: Sizes) -> str:
    if name not in sizes:
        return f"{name}: {_megabytes(size)}, not recorded yet: invoke size --lang {name} --record"
    recorded = sizes[name]
    growth = f"{100 * recorded.growth(size):+.1f} % of the recorded {_megabytes(recorded.bytes)}"
    return f"{name}: {_megabytes(size)}, {growth}{recorded.note and f' ({recorded.note})'}"


def _line(layer: Layer) -> str:
    command = _shortened(layer.command)
    return f"{_megabytes(layer.size):>10}  {command:<{WIDTH}}  {', '.join(largest(layer))}".rstrip()


def largest(layer: Layer) -> list[str]:
    """The directories of a layer that hold most, with what they hold."""
    held: Counter[str] = Counter()
    for entry in layer.entries:
        parents = entry.path.split("/")[1:-1]
        held["/" + "/".join(parents[:DEPTH])] += entry.size
    return [
        f"{path} {_megabytes(size)}"
        for path, size in held.most_common(DIRECTORIES)
        if size >= LEAST
    ]


def _shortened(command: str) -> str:
    """An instruction in a column's width, without the checksum of what it copies."""
    text = _COPIED.sub("...", command)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
