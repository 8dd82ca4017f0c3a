from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.conformance import TRIALS
from polykernel_builder.cases import CASES, PROGRAMS
from polykernel_builder.conformance import CompletionCase, StateCase, load_conformance
from polykernel_builder.errors import DefinitionError
from support.trees import write

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree
    from polykernel_builder.manifest import Mode

FILE = "languages/tiny/conformance.toml"
NEEDED = [name for name in PROGRAMS if name != "picture"]
TABLES = {
    "programs": "\n".join(f'{name} = "say {name}"' for name in NEEDED),
    "modules": '"main.tiny" = "use part"\n"lib/part.tiny" = "say modules"',
}


def text(**tables: str) -> str:
    """A whole file, with some tables added or replaced, or left out if empty."""
    parts = [f"[{name}]\n{body}\n" for name, body in {**TABLES, **tables}.items() if body]
    return 'file = "main.tiny"\n' + "".join(parts)


def refusal(tree: Tree, content: str) -> str:
    """What is wrong with a file, behind its name."""
    write(tree.root, {FILE: content})
    with pytest.raises(DefinitionError) as caught:
        load_conformance(tree.language("tiny"))
    return str(caught.value).removeprefix(f"{tree.root / FILE}: ")


def names(tree: Tree, content: str, mode: Mode) -> set[str]:
    write(tree.root, {FILE: content})
    return {case.name for case in load_conformance(tree.language("tiny")).cases(mode)}


def test_a_whole_file_is_read(tree: Tree) -> None:
    content = text(
        query='hello = "hi"',
        state='first = "x = 41"\nthen = "x + 1"',
        completion='code = "pri"\nhas = "print"',
    )
    write(tree.root, {FILE: content})
    found = load_conformance(tree.language("tiny"))

    assert found.file == "main.tiny"
    assert found.programs["batch"]["hello"] == "say hello"
    assert found.programs["query"]["hello"] == "hi"
    assert found.programs["query"]["loop"] == "say loop"
    assert list(found.modules) == ["main.tiny", "lib/part.tiny"]
    assert found.state == StateCase(first="x = 41", then="x + 1")
    assert found.completion == CompletionCase(code="pri", has="print")


def test_every_case_is_tried() -> None:
    assert list(TRIALS) == [case.name for case in CASES]


def test_what_a_mode_needs_is_run(tree: Tree) -> None:
    usual = {case.name for case in CASES} - {"state", "completion", "picture"}

    assert names(tree, text(), "batch") == usual
    assert names(tree, text(), "query") == usual - {"utf-8-name", "modules", "no-leftovers"}


def test_what_not_every_language_has_is_run_where_it_is(tree: Tree) -> None:
    there = text(
        query='picture = "draw"',
        state='first = "x = 41"\nthen = "x + 1"',
        completion='code = "pri"\nhas = "print"',
    )

    assert {"state", "completion", "picture"} <= names(tree, there, "query")
    assert "args" not in names(tree, there, "query")
    assert not {"state", "completion", "picture"} & names(tree, there, "batch")


def test_a_waiver_takes_a_case_away(tree: Tree) -> None:
    waived = text(waived='"query.stdin" = "nobody types"\n"batch.utf-8-name" = "names are fixed"')

    assert not {"stdin-given", "stdin-live", "stdin-ended"} & names(tree, waived, "query")
    assert "stdin-live" in names(tree, waived, "batch")
    assert "utf-8-name" not in names(tree, waived, "batch")
    assert "utf-8" in names(tree, waived, "batch")


def test_what_is_waived_needs_no_program(tree: Tree) -> None:
    assert "modules" not in names(
        tree, text(modules="", waived='"batch.modules" = "a"\n"batch.no-leftovers" = "a"'), "batch"
    )


def test_a_missing_file_says_what_to_write(tree: Tree) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_conformance(tree.language("tiny"))
    problem = str(caught.value)

    assert problem.startswith(f"{tree.root / FILE}: the file is missing; batch and query must be")
    assert all(does in problem for does in PROGRAMS.values())


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_program_is_named(tree: Tree, name: str) -> None:
    rest = "\n".join(f'{other} = "x"' for other in NEEDED if other != name)
    problem = refusal(tree, text(programs=rest))

    assert problem.startswith(f"programs.{name}: is missing for batch ({PROGRAMS[name]}); add it")
    assert '[waived] "batch.' in problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (text(modules=""), "modules: is missing for batch"),
        (text(modules='"main.tiny" = "x"'), "modules: must be several files"),
        (text().removeprefix('file = "main.tiny"\n'), "file: is missing"),
        (text(query='helo = "x"'), "query.helo: unknown key"),
        (text(state='first = "x"'), "state.then: is missing"),
        (text(completion='code = "x"\nhas = "x"\nmore = "x"'), "completion.more: unknown key"),
        (text(extra='x = "x"'), "extra: unknown key"),
        (text(waived='batch.args = "x"'), "waived.batch: must be a text"),
        (text(waived='"batch.arks" = "x"'), 'waived."batch.arks": is nothing that is needed'),
        (text(waived='"query.modules" = "x"'), 'waived."query.modules": is nothing'),
        (text(waived='"query.picture" = "x"'), 'waived."query.picture": is nothing'),
        (text(waived='"query.args" = ""'), "waived.query.args: must not be empty"),
    ],
)
def test_a_wrong_key_is_named(tree: Tree, content: str, problem: str) -> None:
    assert refusal(tree, content).startswith(problem)


def test_where_queries_keep_state_nothing_waives_their_arguments(tree: Tree) -> None:
    content = text(state='first = "a"\nthen = "b"', waived='"query.args" = "none"')
    assert refusal(tree, content).startswith('waived."query.args": is nothing that is needed')


def test_one_mode_is_held_to_that_mode_alone(tree: Tree) -> None:
    manifest = tree.language("tiny").directory / "language.toml"
    manifest.write_text(manifest.read_text().replace('"batch", "query"', '"query"'))
    content = text(modules="").removeprefix('file = "main.tiny"\n')

    assert refusal(tree, text(modules="")).startswith("file: unknown key")
    assert names(tree, content, "batch") == set()
    assert "hello" in names(tree, content, "query")
    assert refusal(tree, content + '[waived]\n"batch.args" = "x"\n').startswith("waived")
