"""What can be done here: `invoke --list`. The work is in shared/builder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.collection import Collection
from invoke.exceptions import Exit
from invoke.tasks import task

from polykernel_builder import commands
from polykernel_builder.catalog import Tree
from polykernel_builder.console import guarded
from polykernel_builder.images import Options
from polykernel_builder.measure import make_matrix
from polykernel_builder.run_command import USAGE, RunRequest, is_run, parse_run

if TYPE_CHECKING:
    from invoke.context import Context

TREE = Tree.here()
LANG = {"lang": "a language; `invoke list` has them"}
CA = {"ca-bundle": "certificates for build stages that ask for them; default: SSL_CERT_FILE"}


@task(name="list")
def list_languages(_: Context) -> None:
    """List the languages and what of them is built."""
    with guarded():
        commands.show_list(TREE)


@task
def doctor(_: Context) -> None:
    """Say what this machine lacks, and the command that mends it."""
    with guarded():
        if not commands.show_doctor(TREE):
            raise Exit(code=1)


@task(help={**LANG, **CA})
def vendor(_: Context, lang: str | None = None, ca_bundle: str | None = None) -> None:
    """Bring the runner and the wheels into the build contexts; without --lang into all."""
    with guarded():
        targets = commands.chosen(TREE, lang, everything=lang is None)
        commands.vendor(TREE, targets, commands.ca_bundle(ca_bundle))


@task(
    help={
        **LANG,
        **CA,
        "all": "every language and image",
        "no-cache": "build every step anew",
        "jobs": "how many images to build at a time",
    }
)
def build(
    _: Context,
    lang: str | None = None,
    all: bool = False,  # noqa: A002, FBT001, FBT002
    no_cache: bool = False,  # noqa: FBT001, FBT002
    jobs: int = 2,
    ca_bundle: str | None = None,
) -> None:
    """Build the image of a language, or all, and whatever they build on."""
    with guarded():
        targets = commands.chosen(TREE, lang, everything=all)
        ca = commands.ca_bundle(ca_bundle)
        commands.build(TREE, targets, Options(no_cache=no_cache, jobs=jobs, ca_bundle=ca))


@task(help={**LANG, "file": "a program; `-` reads it from standard input"})
def run(_: Context, lang: str | None = None, file: str = "-") -> None:
    """Run a program: invoke run --lang LANG FILE [ARGS...]."""
    # Only as a further task of a line, where invoke's parser has read the words; see below.
    with guarded():
        request = RunRequest(lang=commands.named(lang), file=file, args=())
        raise Exit(code=commands.run(TREE, request))


@task(help=LANG)
def shell(_: Context, lang: str | None = None) -> None:
    """Open a shell in the image of a language."""
    with guarded():
        raise Exit(code=commands.shell(TREE, commands.named(lang)))


@task(name="test", help=LANG)
def run_tests(_: Context, lang: str | None = None) -> None:
    """Run the integration tests of a language."""
    with guarded():
        raise Exit(code=commands.test(TREE, commands.named(lang)))


@task(help={"lang": "measure this language alone; the figures of others stay"})
def matrix(_: Context, lang: str | None = None) -> None:
    """Measure images and write docs/languages.md, which says what each language can."""
    with guarded():
        make_matrix(TREE, lang)


@task
def clean(_: Context) -> None:
    """Remove our containers, images, vendor directories and caches."""
    with guarded():
        commands.clean(TREE)


@task(help={"lang": "the new language's name"})
def new(_: Context, lang: str | None = None) -> None:
    """Make the directory of a new language; it builds and passes at once."""
    with guarded():
        commands.new(TREE, commands.named(lang))


@task(help={"upgrade": "take the newest versions instead of those that are locked"})
def lock(_: Context, upgrade: bool = False) -> None:  # noqa: FBT001, FBT002
    """Make all lock files from what requirements*.in ask for."""
    with guarded():
        commands.lock(TREE, upgrade=upgrade)


@task(
    iterable=["only"],
    help={
        "only": "measure this figure; may be given more than once",
        "rounds": "samples of each side; default: what each figure needs",
        "short": "the quick version, of ratios that noise does not change",
        "against-original": "beside PyPI's backend.ai-kernel, which is installed for it",
        "transport": "how ours is reached: ipc, its default, or tcp, as the original is",
        "growth": "how cost grows with output, kernels, files and history",
        "pool": "the client's pool under load",
        "check": "fail when a ratio has fallen by more than a third against docs/performance.json",
        "json": "write samples and what they come to",
        "write-docs": "write docs/performance.json, and tables and plots of docs/performance.md",
    },
)
def bench(  # noqa: PLR0917  that is how invoke passes options
    _: Context,
    only: list[str],
    rounds: str | None = None,
    short: bool = False,  # noqa: FBT001, FBT002
    against_original: bool = False,  # noqa: FBT001, FBT002
    transport: str = "ipc",
    growth: bool = False,  # noqa: FBT001, FBT002
    pool: bool = False,  # noqa: FBT001, FBT002
    check: bool = False,  # noqa: FBT001, FBT002
    json: str | None = None,
    write_docs: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Measure speed and memory: ours, the original and what cannot be beaten, in turn."""
    from bench.command import Request, parse_rounds, run_bench

    with guarded():
        request = Request(
            only=tuple(only),
            rounds=parse_rounds(rounds),
            short=short,
            against_original=against_original,
            transport=transport,
            growth=growth,
            pool=pool,
            check=check,
            json=None if json is None else Path(json),
            write_docs=write_docs,
        )
        run_bench(TREE, request)


namespace = Collection(
    *(list_languages, doctor, vendor, build, run, shell, run_tests, matrix, bench),
    *(clean, new, lock),
)

if is_run(sys.argv):
    with guarded():
        request = parse_run(sys.argv[2:])
        if request is None:
            raise Exit(USAGE, code=0)
        raise Exit(code=commands.run(TREE, request))
