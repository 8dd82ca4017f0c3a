"""`docs/languages.md`: what each language can, as the conformance suite holds it to."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from polykernel_builder.cases import CASES, Topic
from polykernel_builder.conformance import load_conformance
from polykernel_builder.manifest import MODES
from polykernel_builder.services import BUILTIN_SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polykernel_builder.catalog import Language, Tree
    from polykernel_builder.conformance import Conformance
    from polykernel_builder.figures import Figures, Measured
    from polykernel_builder.manifest import Mode
    from polykernel_builder.sizes import RecordedSize, Sizes

YES, NO = "✓", "-"
TOPICS: tuple[Topic, ...] = (
    *("state", "stdin", "args", "interrupt", "limits", "completion", "picture"),
)
COLUMNS = (
    *("language", *MODES, *TOPICS, "services", "toolchain", "image"),
    *("first result, batch / query", "warm hello, batch / query"),
)
WIDTH = 120
TITLE = """\
# Languages

Made by `invoke matrix` from manifests, `conformance.toml` and what was measured; do not edit.
"""
ABOUT = """
Each ✓ is tried in a container of the image by `tests/integration/test_conformance.py`: one table
of cases for all. Where a cell names a mode, it is that one alone. {builtin}. Times are in seconds:
from asking for a container to the end of its first hello, and for another hello after that;
medians, on {machine}.
"""


def render(tree: Tree, measured: Measured, sizes: Sizes) -> str:
    """The whole page. Raises DefinitionError for a language that shows less than it promises."""
    rows, notes = [COLUMNS, ["---"] * len(COLUMNS)], []
    for language in tree.languages.values():
        name = language.name
        figures, size = measured.languages.get(name), sizes.get(name)
        row = _Row(language, load_conformance(language), figures, size)
        rows.append(row.cells())
        notes += row.notes
    about = ABOUT.format(
        builtin=_builtin(tree.languages.values()),
        machine=f"{measured.machine.architecture} with {measured.machine.cpus} cpus",
    )
    parts = [TITLE, textwrap.fill(about.strip(), WIDTH) + "\n", "".join(map(_line, rows))]
    return "\n".join([*parts, "".join(notes)] if notes else parts)


class _Row:
    """One language's line; `notes` are what its cells refer to."""

    def __init__(
        self,
        language: Language,
        conformance: Conformance,
        figures: Figures | None,
        size: RecordedSize | None,
    ) -> None:
        self._language = language
        self._conformance = conformance
        self._figures = figures
        self._size = size
        self._marks: dict[str, str] = {}

    @property
    def notes(self) -> list[str]:
        return [f"[^{mark}]: {note}\n" for note, mark in self._marks.items()]

    def cells(self) -> list[str]:
        modes = [self._cell([mode], "mode") for mode in MODES]
        topics = [self._cell(self._conformance.modes, topic) for topic in TOPICS]
        own = ", ".join(port.name for port in self._language.manifest.service_ports) or NO
        return [self._language.name, *modes, *topics, own, *self._measured()]

    def _cell(self, modes: Iterable[Mode], topic: Topic) -> str:
        marks = "".join(f"[^{mark}]" for mark in self._waivers(modes, topic))
        shown = [mode for mode in modes if self._shows(mode, topic)]
        # Of a topic that only one mode can have nobody asks which.
        could = {mode for case in CASES if case.topic == topic for mode in case.modes}
        if not shown:
            return NO + marks
        whole = set(shown) >= could & set(modes)
        return (YES if whole else ", ".join(shown)) + marks

    def _shows(self, mode: Mode, topic: Topic) -> bool:
        return any(case.topic == topic for case in self._conformance.cases(mode))

    def _waivers(self, modes: Iterable[Mode], topic: Topic) -> list[str]:
        """The marks of what is waived of a topic, one for each reason."""
        cases: dict[tuple[Mode, str], list[str]] = {}
        for (mode, name), reason in self._conformance.waived.items():
            if mode in modes and any(c.name == name and c.topic == topic for c in CASES):
                cases.setdefault((mode, reason), []).append(name)
        return [
            self._mark(f"{self._language.name}, {mode}: {', '.join(names)}: {reason}")
            for (mode, reason), names in cases.items()
        ]

    def _mark(self, note: str) -> str:
        return self._marks.setdefault(note, f"{self._language.name}-{len(self._marks) + 1}")

    def _measured(self) -> list[str]:
        if self._figures is None:
            return ["not measured", NO, NO, NO]
        size = f"{self._size.bytes / 1e6:.0f} MB" if self._size else NO
        times = self._figures.times
        return [
            self._figures.version,
            size,
            _seconds({mode: times[mode].first for mode in times}),
            _seconds({mode: times[mode].warm for mode in times}),
        ]


def _seconds(times: Mapping[Mode, float]) -> str:
    if not times:
        return NO
    return " / ".join(f"{times[mode]:.2f}" if mode in times else NO for mode in MODES)


def _builtin(languages: Iterable[Language]) -> str:
    names = " and ".join(BUILTIN_SERVICES)
    without = [
        language.name
        for language in languages
        if set(language.manifest.builtin_services) < set(BUILTIN_SERVICES)
    ]
    but = f" but {', '.join(without)}" if without else ""
    return f"The services {names} are in every image{but} besides"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
