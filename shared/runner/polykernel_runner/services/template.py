"""Templates in service definitions: `{name}`, `{name[key]}`, `{name[0]}`, and `{{` and `}}`.

Nothing else of str.format: a definition reaches into no object, and a value is put in as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from polykernel_runner.errors import ServiceError

# What a name stands for: a text, the numbers of ports, or what a command printed.
Value: TypeAlias = str | Sequence[int] | Mapping[str, str]

_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[\w-]+)(?:\[(?P<key>[^][{}]+)\])?\}|[{}]")


def names(template: str) -> Iterator[str]:
    """Give the names that a template uses.

    Raises:
        ServiceError: it is no template.
    """
    for piece in _PIECE.finditer(template):
        if piece["name"] is not None:
            yield piece["name"]
        elif len(piece[0]) == 1:
            raise ServiceError(
                f"{template!r:.80} has a lone {piece[0]!r}; a name is put in by {{name}} or "
                "{name[key]}, a brace is written twice"
            )


def fill(template: str, values: Mapping[str, Value]) -> str:
    """Return the template with all names replaced by what they stand for.

    Raises:
        ServiceError: it is no template, or a name stands for nothing.
    """
    used = list(names(template))
    for name in used:
        check_known(name, values)
    return _PIECE.sub(lambda piece: _filled(piece, values), template)


def fill_some(template: str, values: Mapping[str, str], quote: Callable[[str], str]) -> str:
    """Return the template with these names replaced, quoted; all else stays a template."""
    return _PIECE.sub(
        lambda piece: quote(values[piece["name"]]) if piece["name"] in values else piece[0],
        template,
    )


def check_known(name: str, known: Collection[str]) -> None:
    """Raise ServiceError for a name that stands for nothing."""
    if name not in known:
        raise ServiceError(f"{{{name}}} stands for nothing here; known: {', '.join(sorted(known))}")


def _filled(piece: re.Match[str], values: Mapping[str, Value]) -> str:
    if piece["name"] is None:
        return piece[0][0]
    value, key = values[piece["name"]], piece["key"]
    if isinstance(value, str) and key is None:
        return value
    if isinstance(value, Mapping) and key in value:
        return value[key]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if key is not None and key.isdecimal() and int(key) < len(value):
            return str(value[int(key)])
        raise ServiceError(f"there is no {piece[0]}: {piece['name']} are {list(value)}")
    keys = ", ".join(value) if isinstance(value, Mapping) else "none, it is a text"
    raise ServiceError(f"there is no {piece[0]}; keys of {piece['name']}: {keys}")
