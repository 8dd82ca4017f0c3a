"""Every example of every language, in every mode it names, does what its case.toml says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.examples import start_example
from polykernel_builder.catalog import Tree
from polykernel_builder.examples import load_examples

if TYPE_CHECKING:
    from polykernel import Kernel
    from polykernel_builder.examples import Example

LANGUAGES = Tree.here().languages
CASES = [
    pytest.param(name, example, mode, id=f"{name}-{example.name}-{mode}")
    for name, language in LANGUAGES.items()
    for example in load_examples(language)
    for mode in example.modes
]


@pytest.mark.parametrize(("lang", "example", "mode"), CASES)
async def test_example(kernel: Kernel, example: Example, mode: str) -> None:
    result = await start_example(kernel, example, mode)

    assert result.text == example.stdout, result.stderr.decode()
    assert (result.verdict, result.exit_code) == (example.verdict, example.exit_code)
    if example.stderr_contains is not None:
        assert example.stderr_contains in result.stderr.decode()
    assert [media.type for media in result.media] == list(example.media)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_has_examples_has_a_tour(lang: str) -> None:
    examples = load_examples(LANGUAGES[lang])

    if examples:
        assert "tour" in {example.name for example in examples}
