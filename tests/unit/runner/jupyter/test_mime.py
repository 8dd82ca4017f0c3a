"""Of what a kernel offers, a client gets one record."""

from __future__ import annotations

import pytest

from polykernel_runner.jupyter.mime import to_record
from polykernel_runner.protocol import Html, Media, Output

DRAWING = "application/x-sorna-drawing"
PLAIN = {"text/plain": "plain"}


@pytest.mark.parametrize(
    ("bundle", "record"),
    [
        ({DRAWING: "kA=="}, Media(DRAWING, "kA==")),
        ({DRAWING: "kA==", "text/plain": "<Canvas>"}, Media(DRAWING, "kA==")),
        ({DRAWING: "kA==", "image/svg+xml": "<svg/>"}, Media("image/svg+xml", "<svg/>")),
        ({DRAWING: {"not": "text"}, **PLAIN}, Output("stdout", b"plain\n")),
        ({"image/png": "aGk=\n", **PLAIN}, Media("image/png", "data:image/png;base64,aGk=")),
        ({"text/html": "<b>x</b>", "text/markdown": "x"}, Html("<b>x</b>")),
        ({"text/latex": "$x$", **PLAIN}, Media("text/latex", "$x$")),
        ({"application/json": None, **PLAIN}, Media("application/json", "null")),
        ({}, None),
    ],
)
def test_the_richest_is_taken(
    bundle: dict[str, object], record: Media | Html | Output | None
) -> None:
    assert to_record(bundle) == record
