"""Measures experiments: each round takes one sample of every side, in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
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
    experiments: Sequence[Experiment], only: Sequence[str], *, short: bool
) -> list[Experiment]:
    """Return those named, by their own name or a figure's; without names all, or the short ones.

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
            raise BenchError(f"there is no figure {name}; there are {', '.join(sorted(known))}")
    wanted = {known[name] for name in only}
    if only:
        return [experiment for experiment in experiments if experiment.name in wanted]
    return [experiment for experiment in experiments if experiment.short or not short]


def measure(experiment: Experiment, rounds: int, say: Say) -> Iterator[Measured]:
    """Take the samples, and give each figure that ours has any of."""
    samples: dict[str, dict[str, list[float]]] = {figure.name: {} for figure in experiment.figures}
    with ExitStack() as stack:
        samplers: dict[str, Sampler] = {}
        for name, side in experiment.sides.items():
            say(f"{experiment.name}: preparing {name}")
            samplers[name] = stack.enter_context(side())
        for number in range(-experiment.warmup, rounds):
            for name, sampler in samplers.items():
                say(f"{experiment.name}: {name}, {max(number, 0) + 1} of {rounds}")
                sample = sampler()
                if number < 0:
                    continue
                for measured, value in sample.items():
                    samples[measured].setdefault(name, []).append(value)
    for figure in experiment.figures:
        if OURS in samples[figure.name]:
            yield Measured(figure, samples[figure.name])
