"""Measures images, and writes the support matrix."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

from polykernel import Kernel
from polykernel_builder.commands import JOBS, build, ca_bundle, use_engine
from polykernel_builder.conformance import load_conformance
from polykernel_builder.console import console
from polykernel_builder.errors import BuilderError
from polykernel_builder.figures import (
    Figures,
    Machine,
    Measured,
    Times,
    load_measured,
    save_measured,
)
from polykernel_builder.images import Options
from polykernel_builder.labels import TOOLCHAIN_VERSION
from polykernel_builder.matrix import render
from polykernel_builder.size_report import measure_sizes
from polykernel_builder.sizes import load_sizes, record, save_sizes

if TYPE_CHECKING:
    import docker

    from polykernel_builder.catalog import Language, Tree
    from polykernel_builder.conformance import Conformance
    from polykernel_builder.manifest import Mode

STARTS = 3
HELLOS = 9


def make_matrix(tree: Tree, lang: str | None, note: str | None) -> None:
    """Build and measure `lang`'s image, or all, and write what was found and what it says.

    Raises:
        GrownError: an image is too large for its recorded size, and `note` does not say why.
    """
    languages = [tree.language(lang)] if lang else [*tree.languages.values()]
    # What would be missing at the end shows before any work.
    conformances = {name: load_conformance(each) for name, each in tree.languages.items()}
    figures = dict(load_measured(tree.measured).languages) if lang else {}
    build(tree, languages, Options(jobs=JOBS, ca_bundle=ca_bundle(None)))
    client = use_engine().client
    # Before the work of measuring.
    sizes = record(load_sizes(tree.sizes), measure_sizes(client, languages), note)
    info = client.info()
    for language in languages:
        console.print(f"{language.name}: measuring")
        figures[language.name] = asyncio.run(measure(client, language, conformances[language.name]))
    machine = Machine(architecture=info["Architecture"], cpus=info["NCPU"])
    there = {name: figures[name] for name in tree.languages if name in figures}
    measured = Measured(machine, there)
    save_measured(tree.measured, measured)
    save_sizes(tree.sizes, sizes)
    tree.matrix.write_text(render(tree, measured, sizes), encoding="utf-8")


async def measure(
    client: docker.DockerClient, language: Language, conformance: Conformance
) -> Figures:
    """Measure a language's image, in each mode that it can be asked hello in.

    Raises:
        BuilderError: a hello does not end well.
    """
    image = client.images.get(language.image)
    return Figures(
        version=image.labels[TOOLCHAIN_VERSION],
        times={
            mode: await _times(language.name, mode, conformance)
            for mode in conformance.modes
            if any(case.name == "hello" for case in conformance.cases(mode))
        },
    )


async def _times(name: str, mode: Mode, conformance: Conformance) -> Times:
    first, warm = [], []
    for _ in range(STARTS):
        started = time.perf_counter()
        async with Kernel.start(name) as kernel:
            await _hello(kernel, mode, conformance)
            first.append(time.perf_counter() - started)
            for _ in range(HELLOS // STARTS):
                asked = time.perf_counter()
                await _hello(kernel, mode, conformance)
                warm.append(time.perf_counter() - asked)
    return Times(first=round(statistics.median(first), 3), warm=round(statistics.median(warm), 3))


async def _hello(kernel: Kernel, mode: Mode, conformance: Conformance) -> None:
    hello = conformance.programs[mode]["hello"]
    if mode == "query":
        result = await kernel.query(hello, stdin="")
    else:
        result = await kernel.run({conformance.file: hello}, stdin="")
    if not result.ok or not result.stdout:
        raise BuilderError(
            f"hello in {mode} mode ends with {result.verdict}, not with its output:"
            f" {result.stderr.decode(errors='replace')}"
        )
