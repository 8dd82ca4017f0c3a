"""Where the commits of a history stand: each in a row of its own, in one of several lanes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polykernel_git.history import Commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From a commit to a parent: to lane `by` at once, and to the parent's lane at the end."""

    row: int
    lane: int
    by: int
    parent_row: int
    parent_lane: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`lanes` are the commits', by row."""

    lanes: tuple[int, ...]
    edges: tuple[Edge, ...]
    width: int


def lay_out(commits: Sequence[Commit]) -> Layout:
    """Return where commits stand, of which children come before their parents.

    Edges to parents that are not among them end below the last row.
    """
    rows = {commit.id: row for row, commit in enumerate(commits)}
    waiting: list[str | None] = []  # by lane: the parent to which a line goes there
    lanes: list[int] = []
    edges: list[tuple[int, int, str]] = []
    for row, commit in enumerate(commits):
        lane = _lane_of(commit.id, waiting)
        lanes.append(lane)
        waiting[:] = [None if parent == commit.id else parent for parent in waiting]
        for number, parent in enumerate(commit.parents):
            by = lane if number == 0 else _lane_of(parent, waiting)
            waiting[by] = parent
            edges.append((row, by, parent))
    return Layout(
        lanes=tuple(lanes),
        edges=tuple(
            Edge(
                row=row,
                lane=lanes[row],
                by=by,
                parent_row=rows.get(parent, len(commits)),
                parent_lane=lanes[rows[parent]] if parent in rows else by,
            )
            for row, by, parent in edges
        ),
        width=len(waiting),
    )


def _lane_of(commit: str, waiting: list[str | None]) -> int:
    """Return the first lane whose line goes to a commit, else the first that is free."""
    if commit in waiting:
        return waiting.index(commit)
    if None not in waiting:
        waiting.append(None)
    return waiting.index(None)
