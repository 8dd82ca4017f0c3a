"""What the tasks and the two scripts do, one function for each."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from polykernel_builder import base_image
from polykernel_builder.checks import run_linters, run_tests
from polykernel_builder.clean import clean_engine, clean_tree
from polykernel_builder.console import console
from polykernel_builder.debian import Debian, parse_archive
from polykernel_builder.doctor import examine
from polykernel_builder.engine import Engine, connect
from polykernel_builder.errors import BuilderError, UsageError
from polykernel_builder.images import Builder, Options
from polykernel_builder.labels import TOOLCHAIN_VERSION
from polykernel_builder.locks import make_locks
from polykernel_builder.platforms import check_runs, engine_platform, parse_platform
from polykernel_builder.progress import progress
from polykernel_builder.publish.tested import recorded
from polykernel_builder.scaffold import new_language
from polykernel_builder.shell import open_shell
from polykernel_builder.vendor import vendor as vendor_target
from polykernel_builder.wheels import WheelCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polykernel_builder.catalog import Language, Target, Tree
    from polykernel_builder.run_command import RunRequest

JOBS = 2
WITH_ENGINE = ("tests/integration", "tests/hostile")
SERVICES_ONLY = "services only"
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


def named(lang: str | None) -> str:
    """The language that was typed. Raises UsageError when none was."""
    if lang is None:
        raise UsageError("say which: --lang LANG")
    return lang


def build(
    tree: Tree,
    targets: Sequence[Target],
    options: Options,
    *,
    platform: str | None = None,
    archive: str | None = None,
) -> None:
    """Build `targets` and all they build on, with progress shown on stderr.

    For another `platform` than the engine's they are tagged with its name.
    """
    tree.check(targets)
    dated = parse_archive(archive) if archive else None
    wanted = parse_platform(platform) if platform else None
    engine = use_engine()
    foreign = wanted if wanted != engine_platform(engine.client) else None
    options = replace(options, debian=Debian(platform=foreign, archive=dated))
    if foreign:
        options = replace(options, tag=foreign.debian)
        check_runs(engine.client, foreign)
    base_image.ensure(tree, engine, console.print, options.debian)
    with progress(console) as shown:
        Builder(tree, engine.client, shown, options).build(targets)


def vendor(
    tree: Tree, targets: Sequence[Target], ca: Path | None, *, platform: str | None = None
) -> None:
    """Bring the vendor directories up to date, for `platform` or the engine's own."""
    tree.check(targets)
    # Whoever names the platform needs no engine: another machine's may build.
    wanted = parse_platform(platform) if platform else engine_platform(use_engine().client)
    wheels = WheelCache(tree.cache, wanted.machine, ca)
    for target in targets:
        changed = vendor_target(target, wheels.directory, ca)
        console.print(f"{target.name}: {changed or 'no'} files changed")


def show_list(tree: Tree) -> None:
    """Languages on stdout: what each is, its modes, and the toolchain of its image if built."""
    versions = _built_versions()
    table = Table("language", "what it runs", "modes", "image", box=None, pad_edge=False)
    for language in tree.languages.values():
        manifest = language.manifest
        built = versions.get(f"{language.image}:latest", "not built")
        table.add_row(
            language.name, manifest.description, " ".join(manifest.modes) or SERVICES_ONLY, built
        )
    Console(highlight=False, markup=False).print(table)


def _built_versions() -> dict[str, str]:
    # A list is of use without an engine too.
    try:
        images = connect().client.images.list()
    except BuilderError:
        return {}
    return {
        tag: image.labels.get(TOOLCHAIN_VERSION, "built") for image in images for tag in image.tags
    }


def show_doctor(tree: Tree) -> bool:
    """The findings on stdout; whether all that is needed is there."""
    table = Table("", "what", "state", "mend it with", box=None, pad_edge=False)
    well = True
    for finding in examine(tree):
        mark = "ok" if finding.mend is None else "MISSING" if finding.needed else "-"
        well = well and mark != "MISSING"
        table.add_row(mark, finding.what, finding.state, finding.mend or "")
    Console(highlight=False, markup=False).print(table)
    return well


def run(tree: Tree, request: RunRequest) -> int:
    """Run a program through the client; the result is the program's exit code."""
    from polykernel import cli

    tree.language(request.lang)
    use_engine()
    return cli.main(["run", request.lang, request.file, "--", *request.args])


def shell(tree: Tree, lang: str) -> int:
    """A shell in `lang`'s image; the result is its exit code."""
    return open_shell(use_engine().client, tree.language(lang))


def test(tree: Tree, languages: Sequence[Language]) -> int:
    """The tests with containers of `languages`, on images that are up to date."""
    names = [language.name for language in languages]
    build(tree, _with_helpers(tree, languages), Options(jobs=JOBS, ca_bundle=ca_bundle(None)))
    with recorded(tree, languages, f"invoke test --lang {' '.join(names)}") as outcome:
        outcome.code = run_tests(tree, *WITH_ENGINE, langs=names)
    return outcome.code


def _with_helpers(tree: Tree, languages: Sequence[Language]) -> list[Target]:
    """The languages, and the images that their tests start beside them."""
    helpers = [image for image in tree.images.values() if not image.manifest.published]
    return [*languages, *helpers]


def check(tree: Tree, *, fast: bool, lang: str | None) -> int:
    """All checks, to the end even if some fail; the result is an exit code.

    `fast` leaves out what needs an engine; `lang` narrows images and integration tests to one
    language.
    """
    languages = [tree.language(lang)] if lang else []
    failed = run_linters(tree)
    if fast:
        code = run_tests(tree, "tests/unit")
    else:
        targets = _with_helpers(tree, languages) if lang else chosen(tree, None, everything=True)
        build(tree, targets, Options(jobs=JOBS, ca_bundle=ca_bundle(None)))
        with recorded(tree, targets, f"./test --lang {lang}" if lang else "./test") as outcome:
            langs = [language.name for language in languages]
            code = outcome.code = run_tests(tree, "tests/unit", *WITH_ENGINE, langs=langs)
    if failed:
        console.print(f"failed too, above: {', '.join(failed)}")
    return code or int(bool(failed))


def clean(tree: Tree) -> None:
    """Take away all that was made here, the virtual environment excepted."""
    clean_tree(tree, console.print)
    clean_engine(use_engine().client, console.print)


def new(tree: Tree, lang: str) -> None:
    """Make a new language and say what comes next."""
    directory = new_language(tree, lang).relative_to(tree.root)
    console.print(f"made {directory}; it runs bash until you edit it. Next:")
    console.print(f"  invoke build --lang {lang}\n  invoke test --lang {lang}")


def lock(tree: Tree, *, upgrade: bool) -> None:
    """Make all lock files."""
    make_locks(tree, console.print, upgrade=upgrade)
