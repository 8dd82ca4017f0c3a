"""Measures experiments: each round takes one sample of every side, in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from bench.errors import BenchError
from bench.figures import OURS, Figure, Measured

# One sample: a value for each figure that a side has.
Sample: TypeAlias = Mapping[str, float]
Sampler: TypeAlias = Callable[[], Sample]
# What is opened once before the first round, such as a warm kernel, and closed after the last.
Side: TypeAlias = Callable[[], AbstractContextManager[Sampler]]
Say: TypeAlias = Callable[[str], None]
# After so many a side is left out. The original gives up when its machine is busy.
FAILURES = 3


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Figures that come from the same samples, and the sides that give them.

    `short` is the number of rounds in the short version; 0 leaves the experiment out of it, for it
    takes long or is known to be noisy. Samples of the `warmup` first rounds do not count.
    """

    name: str
    figures: tuple[Figure, ...]
    sides: Mapping[str, Side]
    rounds: int
    short: int = 0
    warmup: int = 0


def chosen(
    experiments: Sequence[Experiment], only: Sequence[str], *, short: bool, more: Iterable[str] = ()
) -> list[Experiment]:
    """Return those named, by their own name or a figure's; without names all, or the short ones.

    `more` are names that are known elsewhere.

    Raises:
        BenchError: a name is nobody's; its text has them all.
    """
    known = {
        name: experiment.name
        for experiment in experiments
        for name in (experiment.name, *(figure.name for figure in experiment.figures))
    }
    for name in only:
        if name not in known:
            names = ", ".join(sorted({*known, *more}))
            raise BenchError(f"there is no figure {name}; there are {names}")
    wanted = {known[name] for name in only}
    if only:
        return [experiment for experiment in experiments if experiment.name in wanted]
    return [experiment for experiment in experiments if experiment.short or not short]


class _Open:
    """The sides of an experiment that are open, and the samples they gave."""

    def __init__(self, experiment: Experiment, say: Say, lost: Say) -> None:
        self._experiment = experiment
        self._say = say
        self._lost = lost
        self._samplers: dict[str, Sampler] = {}
        self._failures: Counter[str] = Counter()
        self.samples: dict[str, dict[str, list[float]]] = {
            figure.name: {} for figure in experiment.figures
        }

    def open(self, stack: ExitStack) -> None:
        """Open all; who cannot be opened is left out."""
        for name, side in self._experiment.sides.items():
            self._say(f"{self._experiment.name}: preparing {name}")
            with self._tolerated(name, FAILURES):
                self._samplers[name] = stack.enter_context(side())

    def round(self, what: str, *, counts: bool) -> None:
        """Take a sample of each."""
        for name, sampler in tuple(self._samplers.items()):
            self._say(f"{self._experiment.name}: {name}, {what}")
            with self._tolerated(name, 1):
                sample = sampler()
                for figure, value in sample.items() if counts else ():
                    self.samples[figure].setdefault(name, []).append(value)

    @contextmanager
    def _tolerated(self, name: str, failures: int) -> Iterator[None]:
        """Whoever ours is held against may fail, and is left out when it has done so too often."""
        try:
            yield
        except BenchError as error:
            if name == OURS:
                raise
            self._failures[name] += failures
            if self._failures[name] >= FAILURES:
                self._samplers.pop(name, None)
                self._lost(f"{self._experiment.name}, {name}: {error}")


def measure(experiment: Experiment, rounds: int, say: Say, lost: Say) -> Iterator[Measured]:
    """Take the samples, and give each figure that ours has any of.

    `lost` is told of sides that have failed and were left out.

    Raises:
        BenchError: ours has failed.
    """
    with ExitStack() as stack:
        sides = _Open(experiment, say, lost)
        sides.open(stack)
        for _ in range(experiment.warmup):
            sides.round("warming up", counts=False)
        for number in range(1, rounds + 1):
            sides.round(f"{number} of {rounds}", counts=True)
    for figure in experiment.figures:
        if OURS in sides.samples[figure.name]:
            yield Measured(figure, sides.samples[figure.name])
