"""Names in service definitions and what they stand for."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from polykernel_runner.errors import ServiceError
from polykernel_runner.services.template import Value, fill, fill_some

VALUES: dict[str, Value] = {
    "ports": (8080, 8081),
    "runtime_path": "/usr/bin/python3",
    "made": {"out": "key\n", "err": ""},
    "a-b": "{x}",
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{ports[0]}-{ports[1]}", "8080-8081"),
        ("{runtime_path} -m x", "/usr/bin/python3 -m x"),
        ("<{made[out]}>", "<key\n>"),
        ("{{}} {{{runtime_path}}} }}{{", "{} {/usr/bin/python3} }{"),
        ("{a-b}", "{x}"),
    ],
)
def test_filled(template: str, filled: str) -> None:
    assert fill(template, VALUES) == filled


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{nothing}", "{nothing} stands for nothing here; known: a-b, made, ports, runtime_path"),
        ("{runtime_path.__class__}", "lone '{'"),
        ("{runtime_path!r}", "lone '{'"),
        ("{ports[0]:>9}", "lone '{'"),
        ("{}", "lone '{'"),
        ("{ports[0]", "lone '{'"),
        ("a } b", "lone '}'"),
        ("{ports}", "there is no {ports}: ports are [8080, 8081]"),
        ("{ports[2]}", "there is no {ports[2]}: ports are [8080, 8081]"),
        ("{ports[-1]}", "there is no {ports[-1]}"),
        ("{made}", "there is no {made}; keys of made: out, err"),
        ("{made[exit]}", "there is no {made[exit]}; keys of made: out, err"),
        ("{runtime_path[0]}", "keys of runtime_path: none, it is a text"),
    ],
)
def test_what_cannot_be_filled_is_said(template: str, says: str) -> None:
    with pytest.raises(ServiceError) as caught:
        fill(template, VALUES)
    assert says in str(caught.value)


def test_some_are_filled_and_the_rest_stays() -> None:
    url = "{protocol}://{host}:{port}/{{x}}?token={token}"
    filled = fill_some(url, {"token": "a&b {port}"}, lambda value: quote(value, safe=""))
    assert filled == "{protocol}://{host}:{port}/{{x}}?token=a%26b%20%7Bport%7D"
