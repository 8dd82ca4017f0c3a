"""What the tasks and the two scripts do, one function for each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder import base_image
from polykernel_builder.console import console
from polykernel_builder.engine import Engine, connect
from polykernel_builder.errors import UsageError
from polykernel_builder.images import Builder, Options
from polykernel_builder.progress import progress
from polykernel_builder.vendor import vendor as vendor_target
from polykernel_builder.wheels import WheelCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polykernel_builder.catalog import Target, Tree

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def ca_bundle(given: str | None) -> Path | None:
    """The bundle that was given, else the environment's. Raises UsageError for one not there."""
    if given:
        path = Path(given)
        if not path.is_file():
            raise UsageError(f"--ca-bundle {given}: there is no such file")
        return path
    paths = (Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name))
    return next((path for path in paths if path.is_file()), None)


def use_engine() -> Engine:
    """Connect, and have the client of this process use the same engine."""
    engine = connect()
    os.environ["DOCKER_HOST"] = engine.host
    return engine


def chosen(tree: Tree, lang: str | None, *, everything: bool) -> list[Target]:
    """The language, or with `everything` all languages and images."""
    if everything == bool(lang):
        raise UsageError("say which: --lang LANG, or --all")
    if lang:
        return [tree.language(lang)]
    return [*tree.images.values(), *tree.languages.values()]


def build(tree: Tree, targets: Sequence[Target], options: Options) -> None:
    """Build `targets` and all they build on, with progress shown on stderr."""
    tree.check(targets)
    engine = use_engine()
    base_image.ensure(tree, engine, console.print)
    with progress(console) as shown:
        Builder(tree, engine.client, shown, options).build(targets)


def vendor(tree: Tree, targets: Sequence[Target], ca: Path | None) -> None:
    """Bring the vendor directories up to date, for the engine's kind of machine."""
    tree.check(targets)
    wheels = WheelCache(tree.cache, use_engine().client.info()["Architecture"], ca)
    for target in targets:
        changed = vendor_target(target, wheels.directory, ca)
        console.print(f"{target.name}: {changed or 'no'} files changed")
