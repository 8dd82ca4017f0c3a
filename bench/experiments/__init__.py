"""The experiments, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.experiments import idle, languages, many, output, pool, queries, start

if TYPE_CHECKING:
    from bench.harness import Experiment
    from bench.world import World


def experiments(world: World) -> list[Experiment]:
    """All of them, with the sides that are to be had."""
    return [
        *start.experiments(world),
        *queries.experiments(world),
        *output.experiments(world),
        *idle.experiments(world),
        *many.experiments(world),
        *pool.experiments(world),
        *languages.experiments(world),
    ]
