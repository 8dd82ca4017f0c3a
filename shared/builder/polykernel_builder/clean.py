"""Takes away what this project has made: containers, images, vendor directories, caches."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from docker.errors import DockerException

from polykernel_builder.dockerfile import OURS
from polykernel_builder.errors import EngineError
from polykernel_builder.labels import IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import docker

    from polykernel_builder.catalog import Tree

CACHES = (".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache")


def clean_tree(tree: Tree, say: Callable[[str], None]) -> None:
    """Remove vendor directories and caches."""
    targets = [*tree.languages.values(), *tree.images.values()]
    for path in [target.vendor for target in targets] + [tree.root / name for name in CACHES]:
        _remove(path, tree, say)


def clean_engine(client: docker.DockerClient, say: Callable[[str], None]) -> None:
    """Remove containers and images named polykernel/*, running ones too."""
    try:
        for container in client.containers.list(all=True, ignore_removed=True):
            if str(container.attrs["Config"]["Image"]).startswith(OURS):
                say(f"container {container.name}")
                container.remove(force=True)
        labelled = client.images.list(filters={"label": IMAGE})
        # A build that was killed leaves an image that has a name and no label yet.
        for image in {*labelled, *client.images.list(f"{OURS}*")}:
            say(f"image {', '.join(image.tags) or image.short_id}")
            for name in image.tags or [str(image.id)]:
                client.images.remove(name, force=True)
    except DockerException as error:
        raise EngineError(f"the engine refuses to clean up: {error}") from error


def _remove(path: Path, tree: Tree, say: Callable[[str], None]) -> None:
    if path.is_dir():
        say(str(path.relative_to(tree.root)))
        shutil.rmtree(path)
