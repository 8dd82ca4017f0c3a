from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_builder.cases import PROGRAMS
from polykernel_builder.errors import DefinitionError
from polykernel_builder.figures import (
    Figures,
    Machine,
    Measured,
    Times,
    load_measured,
    save_measured,
)
from polykernel_builder.matrix import COLUMNS, render
from polykernel_builder.sizes import RecordedSize
from support.trees import write

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree

MACHINE = Machine("x86_64", 2)
NEEDED = "".join(f'{name} = "x"\n' for name in PROGRAMS if name != "picture")
QUERY = f"[programs]\n{NEEDED}"
WHOLE = f'file = "main.x"\n{QUERY}[modules]\na = "x"\nb = "x"\n'
TIMES = Figures("7.1", {"batch": Times(1.234, 0.056), "query": Times(2, 0.01)})

SIZES = {"tiny": RecordedSize(123_456_789)}


def row(page: str, name: str = "tiny") -> dict[str, str]:
    """A language's cells by column."""
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    return dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split("|")), strict=True))


def page(tree: Tree, conformance: str, figures: Figures | None = None) -> str:
    write(tree.root, {"languages/tiny/conformance.toml": conformance})
    return render(tree, Measured(MACHINE, {"tiny": figures} if figures else {}), SIZES)


def promise(tree: Tree, modes: str) -> None:
    manifest = tree.language("tiny").directory / "language.toml"
    manifest.write_text(manifest.read_text().replace('["batch", "query"]', modes))


def test_what_is_tried_is_told(tree: Tree) -> None:
    cells = row(page(tree, WHOLE))

    everywhere = ("batch", "query", "stdin", "args", "interrupt", "limits")
    assert {column for column, cell in cells.items() if cell == "✓"} == set(everywhere)
    nowhere = ("state", "completion", "picture", "services")
    assert {cells[column] for column in nowhere} == {"-"}
    assert cells["toolchain"] == "not measured"


def test_what_not_every_language_has_is_told(tree: Tree) -> None:
    beyond = (
        '[query]\npicture = "x"\n[state]\nfirst = "x"\nthen = "x"\n'
        '[completion]\ncode = "x"\nhas = "x"\n'
    )
    cells = row(page(tree, WHOLE + beyond))

    assert (cells["state"], cells["completion"]) == ("✓", "✓")
    assert (cells["picture"], cells["args"]) == ("query", "batch")


def test_what_is_waived_has_a_note(tree: Tree) -> None:
    waived = (
        '[waived]\n"query.stdin" = "nobody asks"\n"batch.memory-limit" = "it is all taken"\n'
        '"batch.utf-8-name" = "names are fixed"\n'
    )
    text = page(tree, WHOLE + waived)
    cells = row(text)

    assert cells["batch"] == "✓[^tiny-1]"
    assert cells["stdin"] == "batch[^tiny-2]"
    assert cells["limits"] == "✓[^tiny-3]"
    assert text.endswith(
        "\n\n[^tiny-1]: tiny, batch: utf-8-name: names are fixed\n"
        "[^tiny-2]: tiny, query: stdin-given, stdin-live, stdin-ended: nobody asks\n"
        "[^tiny-3]: tiny, batch: memory-limit: it is all taken\n"
    )


def test_what_was_measured_is_told(tree: Tree) -> None:
    cells = row(page(tree, WHOLE, TIMES))

    assert (cells["toolchain"], cells["image"]) == ("7.1", "123 MB")
    assert cells["first result, batch / query"] == "1.23 / 2.00"
    assert cells["warm hello, batch / query"] == "0.06 / 0.01"


def test_one_mode_is_told_as_that(tree: Tree) -> None:
    promise(tree, '["query"]')
    text = page(tree, QUERY, Figures("7.1", {"query": Times(1, 2)}))
    cells = row(text)

    assert (cells["batch"], cells["query"], cells["stdin"]) == ("-", "✓", "✓")
    assert cells["first result, batch / query"] == "- / 1.00"


def test_a_language_that_promises_services_alone_has_a_row(tree: Tree) -> None:
    promise(tree, "[]")
    manifest = tree.language("tiny").directory / "language.toml"
    port = '[[service-ports]]\nname = "web"\nprotocol = "http"\nports = [8080]\n'
    manifest.write_text(f"builtin-services = []\n{manifest.read_text()}{port}")
    text = render(tree, Measured(MACHINE, {"tiny": Figures("7.1", {})}), {})
    cells = row(text)

    assert {cells[column] for column in COLUMNS[1:10]} == {"-"}
    assert cells["services"] == "web"
    assert cells["first result, batch / query"] == "-"
    assert "sshd and ttyd are in every image but tiny besides" in text


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "languages.json"
    measured = Measured(MACHINE, {"tiny": TIMES})
    save_measured(path, measured)
    assert load_measured(path) == measured


@pytest.mark.parametrize("text", ["", "{", "[]", '{"machine": {}, "languages": {}}'])
def test_figures_that_are_none_say_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "languages.json"
    path.write_text(text)
    with pytest.raises(DefinitionError, match=r"languages\.json: .* invoke matrix"):
        load_measured(path)
