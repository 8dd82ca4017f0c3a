"""`invoke bench`: from what was typed to tables and files."""

from __future__ import annotations

import signal
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import growth, harness, original, page, report, table
from bench.containers import Engine
from bench.errors import BenchError
from bench.experiments import experiments
from bench.machine import this_machine
from bench.report import Report
from bench.world import Transport, World
from polykernel_builder.commands import use_engine
from polykernel_builder.console import console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from bench.curves import Curve
    from bench.figures import Measured
    from bench.harness import Experiment, Say
    from polykernel_builder.catalog import Tree

# Where nobody looks at it as it comes, a table's lines are left whole.
WIDE = 200
COMMITTED = Path("docs", "performance.json")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was typed; `rounds` None leaves it to the experiments."""

    only: tuple[str, ...] = ()
    rounds: int | None = None
    short: bool = False
    against_original: bool = False
    transport: str = "ipc"
    growth: bool = False
    check: bool = False
    json: Path | None = None
    write_docs: bool = False

    def __post_init__(self) -> None:
        if self.rounds is not None and self.rounds < 1:
            raise BenchError(f"--rounds {self.rounds}: there has to be one at least")
        if self.transport not in get_args(Transport):
            known = " and ".join(get_args(Transport))
            raise BenchError(f"--transport {self.transport}: there are {known}")
        if self.json is not None and not self.json.absolute().parent.is_dir():
            raise BenchError(f"--json {self.json}: its directory is not there; make it first")


def parse_rounds(text: str | None) -> int | None:
    """Return the number that was typed, if one was.

    Raises:
        BenchError: it is none.
    """
    try:
        return None if text is None else int(text)
    except ValueError:
        raise BenchError(f"--rounds {text}: that is no whole number") from None


def run_bench(tree: Tree, request: Request) -> None:
    """Measure, show, write, and hold against what is committed.

    Raises:
        BenchError: something cannot be measured, or has become slower.
    """
    committed = report.load(tree.root / COMMITTED) if request.check else None
    losses: list[str] = []
    with _ended_by_sigterm():
        found = _measure(tree, request, losses.append)
        if committed is not None:
            found = _once_more(tree, request, found, committed)
    out = Console(highlight=False, markup=False)
    if not out.is_terminal:
        out = Console(highlight=False, markup=False, width=WIDE)
    for each in table.terminal(found):
        out.print(each)
    if missed := table.missed(found):
        console.print(f"goals missed: {', '.join(missed)}")
    if request.json is not None:
        request.json.write_text(report.dump(found), encoding="utf-8")
    if request.write_docs:
        _write_docs(tree, found)
    if committed is not None:
        report.check(found, committed)
    if losses:
        raise BenchError("not measured, or not to the end:\n  " + "\n  ".join(losses))


def _once_more(tree: Tree, request: Request, found: Report, committed: Report) -> Report:
    """Measure again what seems slower: one bad moment of the machine's is no loss of ours."""
    names = tuple(dict.fromkeys(each.figure for each in report.fallen(found, committed)))
    if not names:
        return found
    console.print(f"measured once more: {', '.join(names)}")
    again = _measure(tree, replace(request, only=names, growth=False, short=False), console.print)
    return report.merged(found, again)


def _measure(tree: Tree, request: Request, lost: Say) -> Report:
    with closing(Engine(use_engine().client)) as engine:
        return _measured(tree, engine, request, lost)


def _measured(tree: Tree, engine: Engine, request: Request, lost: Say) -> Report:
    # Described before there is load of our own.
    machine = this_machine(engine)
    world = World(tree=tree, engine=engine, transport=cast("Transport", request.transport))
    # What was typed wrong is told before anything is installed.
    names = [each.name for each in _chosen(world, request)]
    if request.against_original:
        console.print("installing the original from PyPI, unless it is there")
        world = replace(world, original=original.install())
    wanted = [each for each in _chosen(world, request) if each.name in names]
    with _progress(request, wanted) as say:
        measured = tuple(_run(wanted, request, say, lost))
        curves = tuple(_curves(world, request, say, lost))
    return Report(machine, measured, curves)


def _chosen(world: World, request: Request) -> list[Experiment]:
    names = [name for name in request.only if name not in growth.CURVES]
    if not names and (request.only or request.growth):
        return []
    return harness.chosen(experiments(world), names, short=request.short, more=growth.CURVES)


def _curves(world: World, request: Request, say: Say, lost: Say) -> Iterator[Curve]:
    """Those named, or with `growth` all."""
    for name, curve in growth.CURVES.items():
        if name in request.only or (request.growth and not request.only):
            try:
                yield curve(world, say)
            except BenchError as error:
                lost(f"{name}: {error}")


def _run(wanted: Sequence[Experiment], request: Request, say: Say, lost: Say) -> Iterator[Measured]:
    """What could be measured; `lost` is told of what could not."""
    for experiment in wanted:
        rounds, started = _rounds(experiment, request), time.monotonic()
        try:
            yield from harness.measure(experiment, rounds, say, lost)
        except BenchError as error:
            # What others took long to tell is not thrown away for it.
            lost(f"{experiment.name}, ours: {error}")
        console.print(f"{experiment.name}: took {time.monotonic() - started:.0f} s")


def _rounds(experiment: Experiment, request: Request) -> int:
    if request.rounds is not None:
        return request.rounds
    return (request.short and experiment.short) or experiment.rounds


@contextmanager
def _progress(request: Request, wanted: Sequence[Experiment]) -> Iterator[Say]:
    """A bar on a terminal; elsewhere a line for each thing that is prepared."""
    steps = sum(len(each.sides) * (1 + each.warmup + _rounds(each, request)) for each in wanted)
    bar = Progress(
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=steps or None, completed=-1)

        def say(what: str) -> None:
            bar.update(task, description=what, advance=1)
            if not console.is_terminal and ("preparing" in what or what.startswith("growth")):
                console.print(what)

        yield say


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM unwind as Ctrl-C does, so that no container stays."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write_docs(tree: Tree, found: Report) -> None:
    """What was not measured this time stays as it is in the committed report."""
    path = tree.root / COMMITTED
    if path.exists():
        found = report.merged(report.load(path), found)
    path.write_text(report.dump(found), encoding="utf-8")
    page.write(tree.root / "docs", found)
