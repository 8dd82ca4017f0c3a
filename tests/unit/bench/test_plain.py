"""The plain side's commands are the language module's own, with nothing left to fill in."""

from __future__ import annotations

import pytest
from bench.errors import BenchError
from bench.plain import Places, batch, query

from polykernel_builder.catalog import Tree
from polykernel_builder.conformance import load_conformance

TREE = Tree.here()
PLACES = Places(work="/work", build="/build")
BATCH = [name for name, language in TREE.languages.items() if "batch" in language.manifest.modes]


@pytest.mark.parametrize("lang", BATCH)
def test_each_language_has_commands_for_its_program(lang: str) -> None:
    language = TREE.language(lang)

    program = batch(language, load_conformance(language).file, PLACES)

    words = [word for command in (*program.build, program.run) for word in command]
    assert words
    for word in words:
        for name in ("{build}", "{work}", "{main}", "{sources}", "{args}"):
            assert name not in word
        assert not word.startswith("$")


def test_a_program_is_built_and_run_in_the_directory_of_its_sources() -> None:
    script = batch(TREE.language("c"), "main.c", PLACES).script(PLACES)

    assert script.startswith("mkdir -p /build && cd /work && gcc ")
    assert script.endswith(" && exec /build/main")
    assert "-o /build/main main.c" in script


def test_queries_that_are_no_programs_have_no_commands() -> None:
    assert query(TREE.language("c"), PLACES).file == "main.c"
    with pytest.raises(BenchError, match="python: queries are no programs"):
        query(TREE.language("python"), PLACES)


def test_a_file_that_is_no_program_is_told() -> None:
    with pytest.raises(BenchError, match=r"c: main\.py is no program of its"):
        batch(TREE.language("c"), "main.py", PLACES)
