from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from bench import page, plot, table
from bench.curves import Curve, Point
from bench.errors import BenchError
from bench.figures import ORIGINAL, OURS, Figure, Goal, Measured, Unit
from bench.report import Report
from rich.console import Console

if TYPE_CHECKING:
    from pathlib import Path

    from bench.machine import Machine

MEASURED = Measured(
    Figure(
        name="exec-true",
        title="exec of true",
        unit="s",
        goals=(Goal(against=ORIGINAL, bound=1 / 6), Goal(against="sh", bound=1.5)),
    ),
    {OURS: [0.002, 0.002, 0.003, 0.003], ORIGINAL: [0.0158], "sh": [0.001]},
)
CURVE = Curve(
    name="growth-output",
    title="output of one program",
    of="MB",
    memory_of="the peak",
    flat=True,
    points=(Point(size=1, seconds=0.5, memory=2e7), Point(size=10, seconds=25, memory=2e7)),
)
ROWS = [
    "| exec of true | 2.5 ms (2 to 3) | original | 15.8 ms | 0.16 | ✓ ≤ 0.167 |",
    "|  |  | sh | 1 ms | 2.50 | ✗ ≤ 1.5 |",
]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0158, "s", "15.8 ms"),
        (1.0, "s", "1 s"),
        (29e6, "B/s", "29 MB/s"),
        (1.5e9, "B/s", "1.5 GB/s"),
        (46e6, "B", "46 MB"),
        (12.345, "1/s", "12.3 /s"),
    ],
)
def test_quantities_are_in_units_for_people(value: float, unit: Unit, shown: str) -> None:
    assert table.quantity(value, unit) == shown


def test_the_page_has_a_line_for_each_comparison(machine: Machine) -> None:
    lines = table.markdown(Report(machine, (MEASURED,))).splitlines()

    assert lines[2:] == ROWS


def test_the_terminal_shows_the_same(machine: Machine) -> None:
    console = Console(width=120)

    with console.capture() as shown:
        for each in table.terminal(Report(machine, (MEASURED,), (CURVE,))):
            console.print(each)

    for text in ("exec of true", "2.5 ms (2 to 3)", "15.8 ms", "✗ ≤ 1.5", "output of one program"):
        assert text in shown.get()


def test_what_misses_a_goal_or_bends_up_is_named(machine: Machine) -> None:
    assert table.missed(Report(machine, (MEASURED,), (CURVE,))) == ["exec-true", "growth-output"]


@pytest.mark.parametrize("svg", [plot.leads([MEASURED]), plot.growth(CURVE)], ids=["bars", "curve"])
def test_a_plot_is_an_svg_with_texts(svg: str) -> None:
    words = " ".join(ET.fromstring(svg).itertext())  # noqa: S314  our own

    assert "exec of true" in words or "output of one program" in words


def test_the_same_figures_are_the_same_bytes() -> None:
    assert plot.leads([MEASURED]) == plot.leads([MEASURED])


def test_writing_the_page_leaves_what_people_wrote(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    found = Report(machine, (MEASURED,), (CURVE,))

    page.write(tmp_path, found)
    once = path.read_text()
    page.write(tmp_path, found)

    assert path.read_text() == once
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once
    assert ROWS[0] in once
    assert "A Processor" in once
    assert {each.name for each in tmp_path.glob("*.svg")} == {
        "performance.svg",
        "performance-growth-output.svg",
    }


def test_a_page_without_a_place_for_it_is_told(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "performance.md").write_text("words\n")

    with pytest.raises(BenchError, match="put them back"):
        page.write(tmp_path, Report(machine))
