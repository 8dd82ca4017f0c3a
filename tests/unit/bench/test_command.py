"""What is typed wrong is told in one line, before anything is measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.command import Request, parse_rounds
from bench.errors import BenchError


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (lambda: Request(rounds=0), "--rounds 0: there has to be one at least"),
        (lambda: Request(rounds=parse_rounds("many")), "--rounds many: that is no whole number"),
        (lambda: Request(transport="udp"), "--transport udp: there are ipc and tcp"),
        (lambda: Request(json=Path("/none/it.json")), "--json /none/it.json: its directory is not"),
    ],
)
def test_an_option_that_cannot_be_meant_is_told(request_: type[Request], told: str) -> None:
    with pytest.raises(BenchError, match=re.escape(told)):
        request_()


def test_rounds_are_left_to_the_figures_or_given() -> None:
    assert parse_rounds(None) is None
    assert parse_rounds("7") == 7
