"""docs/defects.md names tests and examples that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "defects.md").read_text(encoding="utf-8")


def test_every_test_that_the_table_names_is_there() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", sources))
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert named
    assert named <= defined


def test_every_example_that_the_table_names_is_there() -> None:
    cases = {
        f"{path.parents[2].name}/{path.parent.name}"
        for path in ROOT.glob("languages/*/examples/*/case.toml")
    }
    named = set(re.findall(r"`([a-z]+/[a-z0-9-]+)`", TABLE))
    assert named
    assert named <= cases
