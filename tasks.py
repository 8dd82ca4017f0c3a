"""What can be done here: `invoke --list`. The work is in shared/builder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.collection import Collection
from invoke.exceptions import Exit
from invoke.tasks import Task, task

from polykernel_builder import commands
from polykernel_builder.catalog import Tree
from polykernel_builder.console import guarded
from polykernel_builder.errors import UsageError
from polykernel_builder.images import Options
from polykernel_builder.measure import make_matrix
from polykernel_builder.run_command import USAGE, RunRequest, is_run, parse_run
from polykernel_builder.selection import Asked, images_asked, languages_asked
from polykernel_builder.size_report import record_sizes, show_sizes
from polykernel_builder.verify import verify as verify_targets

if TYPE_CHECKING:
    from invoke.context import Context

TREE = Tree.here()
LANG = {"lang": "a language; `invoke list` has them"}
WHICH = {
    **LANG,
    "changed": "what changed since --base; each with the reason",
    "base": "a revision; what counts are changes since HEAD parted from it, committed or not",
    "dry-run": "only say what changed",
}
PLATFORM = {"platform": "linux/amd64 or linux/arm64; default: the engine's. See docs/multi-arch.md"}
IMAGE = {"lang": "a language, or an image that languages build on: base, launcher"}
NOTE = {"note": "why images have grown, where it is by more than 5 %"}
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


@task(help={**LANG, **CA, **PLATFORM})
def vendor(
    _: Context,
    lang: str | None = None,
    ca_bundle: str | None = None,
    platform: str | None = None,
) -> None:
    """Bring the runner and the wheels into the build contexts; without --lang into all."""
    with guarded():
        targets = commands.chosen(TREE, lang, everything=lang is None)
        commands.vendor(TREE, targets, commands.ca_bundle(ca_bundle), platform=platform)


class HelpfulTask(Task[Any]):
    """A task of which no option takes `-h` away from the help."""

    def arg_opts(self, name: str, default: Any, taken_names: set[str]) -> dict[str, Any]:  # noqa: ANN401
        return super().arg_opts(name, default, {*taken_names, "h"})


@task(
    klass=HelpfulTask,
    help={
        **WHICH,
        **CA,
        **PLATFORM,
        "all": "every language and image",
        "no-cache": "build every step anew",
        "jobs": "how many images to build at a time",
        "debian-archive": "a dated archive, all Debian packages from there; docs/debian-archive.md",
    },
)
def build(
    _: Context,
    *,
    lang: str | None = None,
    all: bool = False,  # noqa: A002
    no_cache: bool = False,
    jobs: int = 2,
    ca_bundle: str | None = None,
    changed: bool = False,
    base: str | None = None,
    dry_run: bool = False,
    platform: str | None = None,
    debian_archive: str | None = None,
) -> None:
    """Build the image of a language, all, or those that changed, and whatever they build on."""
    with guarded():
        asked = Asked(lang=lang, everything=all, changed=changed, base=base, dry_run=dry_run)
        ca = commands.ca_bundle(ca_bundle)
        if targets := images_asked(TREE, asked):
            options = Options(no_cache=no_cache, jobs=jobs, ca_bundle=ca)
            commands.build(TREE, targets, options, platform=platform, archive=debian_archive)


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


@task(name="test", help={**WHICH, "all": "every language"})
def run_tests(
    _: Context,
    *,
    lang: str | None = None,
    all: bool = False,  # noqa: A002
    changed: bool = False,
    base: str | None = None,
    dry_run: bool = False,
) -> None:
    """Run the integration tests of a language, all, or those that changes concern."""
    with guarded():
        asked = Asked(lang=lang, everything=all, changed=changed, base=base, dry_run=dry_run)
        if languages := languages_asked(TREE, asked):
            raise Exit(code=commands.test(TREE, languages))


@task(help={"lang": "measure this language alone; the figures of others stay", **NOTE})
def matrix(_: Context, lang: str | None = None, note: str | None = None) -> None:
    """Measure images and write docs/languages.md, which says what each language can."""
    with guarded():
        make_matrix(TREE, lang, note)


@task(help={**IMAGE, "record": "write down the sizes that images have now", **NOTE})
def size(
    _: Context,
    lang: str | None = None,
    record: bool = False,  # noqa: FBT001, FBT002
    note: str | None = None,
) -> None:
    """Show where the bytes of images are; fail for one that has grown over its recorded size."""
    with guarded():
        if note and not record:
            raise UsageError("a note is kept with a recorded size: add --record")
        if record:
            record_sizes(TREE, lang, note)
        else:
            show_sizes(TREE, lang, print)


@task(help={**IMAGE, **CA, "all": "every language and image"})
def verify(
    _: Context,
    lang: str | None = None,
    all: bool = False,  # noqa: A002, FBT001, FBT002
    ca_bundle: str | None = None,
) -> None:
    """Build an image twice without the cache, with all it builds on, and tell what differs."""
    with guarded():
        if not all and lang in TREE.images:
            targets = [TREE.target(lang)]
        else:
            targets = commands.chosen(TREE, lang, everything=all)
        if not verify_targets(TREE, targets, commands.ca_bundle(ca_bundle), print):
            raise Exit(code=1)


@task(
    help={
        **LANG,
        "all": "every language, and the images that they build on",
        "registry": "HOST[:PORT][/PREFIX], such as ghcr.io/alice; default prefix: polykernel",
        "tag": "push under this tag alone, not the usual ones; may be given again",
        "dry-run": "say what would be pushed, and push nothing",
        "untested": "push also what has not passed its tests",
        "digests": "the file that says what was pushed",
    },
    iterable=["tag"],
)
def push(
    _: Context,
    *,
    registry: str | None = None,
    lang: str | None = None,
    tag: list[str] | None = None,
    all: bool = False,  # noqa: A002
    dry_run: bool = False,
    untested: bool = False,
    digests: str = "dist/digests.json",
) -> None:
    """Push tested images to a registry, each with an inventory of what is in it."""
    with guarded():
        from polykernel_builder.publish import command, destination

        options = command.PushOptions(
            destination=destination.parse_destination(registry),
            tags=tuple(destination.check_tag(each) for each in tag or ()),
            digests=Path(digests),
            dry_run=dry_run,
            untested=untested,
        )
        command.push(TREE, commands.chosen(TREE, lang, everything=all), options)


@task(help={**LANG, "output": "a file to write to; default: standard output"})
def sbom(_: Context, lang: str | None = None, output: str | None = None) -> None:
    """Say what is in an image: an SPDX document of its packages."""
    with guarded():
        from polykernel_builder.publish.command import write_sbom

        write_sbom(TREE, TREE.language(commands.named(lang)), output)


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
            check=check,
            json=None if json is None else Path(json),
            write_docs=write_docs,
        )
        run_bench(TREE, request)


namespace = Collection(
    *(list_languages, doctor, vendor, build, run, shell, run_tests),
    *(matrix, bench, size, verify, push, sbom, clean, new, lock),
)

if is_run(sys.argv):
    with guarded():
        request = parse_run(sys.argv[2:])
        if request is None:
            raise Exit(USAGE, code=0)
        raise Exit(code=commands.run(TREE, request))
