"""When things happen in an animation, and what they look like then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds, as clients of the original have them: a step, and the rest after it.
STEP = 0.18
REST = 0.12


@dataclass(frozen=True)
class Span:
    """From when to when something happens, in seconds. A span of no length is a jump."""

    start: float
    end: float


@dataclass
class Clock:
    """Gives steps their time, one after the other; those of a group have the same."""

    now: float = 0.0
    end: float = 0.0
    running: bool = True
    grouped: bool = False
    _used: bool = False

    def step(self) -> Span:
        """Return when the next thing happens."""
        if not self.running:
            self.end = max(self.end, self.now)
            return Span(self.now, self.now)
        span = Span(self.now, self.now + STEP)
        self.end = span.end
        self._used = True
        if not self.grouped:
            self._next()
        return span

    def begin_group(self) -> None:
        """Let all that follows happen at once."""
        self.grouped = True

    def end_group(self) -> None:
        """Go on when all of the group has happened."""
        self.grouped = False
        self._next()

    def restart(self) -> None:
        """Begin again at 0."""
        self.now = self.end = 0.0
        self._used = False

    def _next(self) -> None:
        if self._used:
            self.now += STEP + REST
        self._used = False


@dataclass(eq=False)
class Item:
    """An SVG element: its attributes at the end, and how they came to be so.

    `frames` are moments in seconds and what an attribute is then; between them it glides.
    """

    tag: str
    look: dict[str, str]
    frames: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def change(self, look: Mapping[str, str], span: Span) -> None:
        """Have it look different from the end of `span` on."""
        for name, value in look.items():
            if self.look[name] != value:
                self._frame(name, self.look[name], value, span)
        self.look.update(look)

    def appear(self, span: Span) -> None:
        """Let it not be there before `span`, and wholly be there after it."""
        self.look["opacity"] = "0"
        self.change({"opacity": "1"}, span)

    def _frame(self, name: str, old: str, new: str, span: Span) -> None:
        frames = self.frames.setdefault(name, [])
        if frames and frames[-1][0] == span.end:
            frames[-1] = (span.end, new)  # twice within a group
        else:
            frames += [(span.start, old), (span.end, new)]
