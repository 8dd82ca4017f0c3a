"""Every case of the conformance suite, for every language, in every mode that it promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.conformance import TRIALS
from driving.conformance.subject import Subject
from polykernel_builder.catalog import Tree
from polykernel_builder.conformance import Conformance, load_conformance
from polykernel_builder.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polykernel import Kernel
    from polykernel_builder.catalog import Language
    from polykernel_builder.manifest import Mode

LANGUAGES = Tree.here().languages


def _cases(language: Language) -> Iterator[object]:
    try:
        conformance = load_conformance(language)
    except DefinitionError:
        return  # the last test tells of it, and the other languages are tried
    for mode in conformance.modes:
        for case in conformance.cases(mode):
            name = f"{language.name}-{mode}-{case.name}"
            yield pytest.param(language.name, mode, case.name, conformance, id=name)


@pytest.mark.parametrize(
    ("lang", "mode", "case", "conformance"),
    [case for language in LANGUAGES.values() for case in _cases(language)],
)
async def test_conformance(kernel: Kernel, mode: Mode, case: str, conformance: Conformance) -> None:
    await TRIALS[case](Subject(kernel, mode, conformance))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_mode_that_is_promised_is_shown(lang: str) -> None:
    load_conformance(LANGUAGES[lang])
