"""TOML files read strictly: each key once, by type; what is left over is an error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from polykernel_builder.errors import DefinitionError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Value = TypeVar("Value")


class Table:
    """One table of a TOML file. Take what is known, then `finish`."""

    def __init__(self, path: Path, values: dict[str, Any], prefix: str = "") -> None:
        self._path = path
        self._left = dict(values)
        self._prefix = prefix

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def error(self, key: str, problem: str) -> DefinitionError:
        """An error that names this file and the key."""
        return DefinitionError(f"{self._path}: {self._prefix}{key}: {problem}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, str, "a text", default)
        if not value and default is None:
            raise self.error(key, "must not be empty")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._left else None

    def integer(self, key: str, default: int | None = None) -> int:
        return self._take(key, int, "a whole number", default)

    def boolean(self, key: str, *, default: bool) -> bool:
        return self._take(key, bool, "true or false", default)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        return self._list(key, str, "texts", default)

    def integers(self, key: str) -> tuple[int, ...]:
        return self._list(key, int, "whole numbers", None)

    def table(self, key: str, *, optional: bool = False) -> Table:
        values: dict[str, Any] = self._take(key, dict, "a table", {} if optional else None)
        return Table(self._path, values, f"{self._prefix}{key}.")

    def tables(self, key: str) -> tuple[Table, ...]:
        """An array of tables; empty when the key is not there."""
        values = self._list(key, dict, "tables", ())
        return tuple(
            Table(self._path, value, f"{self._prefix}{key}[{index}].")
            for index, value in enumerate(values)
        )

    def named_texts(self, key: str) -> dict[str, str]:
        """A table of texts whose keys are free; empty when it is not there."""
        values: dict[str, Any] = self._take(key, dict, "a table", {})
        table = Table(self._path, values, f"{self._prefix}{key}.")
        return {name: table.text(name) for name in values}

    def checked(self, key: str, value: Value, holds: Callable[[Value], bool], rule: str) -> Value:
        if not holds(value):
            raise self.error(key, f"{rule} (it is {value!r})")
        return value

    def finish(self) -> None:
        """Raise for the first key that nobody asked for."""
        for key in self._left:
            raise self.error(key, "unknown key; take it out or correct its spelling")

    def _take(self, key: str, kind: type[Value], name: str, default: Value | None) -> Value:
        if key not in self._left:
            if default is None:
                raise self.error(key, f"is missing; it must be {name}")
            return default
        value = self._left.pop(key)
        if not _is(value, kind):
            raise self.error(key, f"must be {name}, not {value!r}")
        return value  # type: ignore[no-any-return]

    def _list(
        self, key: str, kind: type[Value], name: str, default: tuple[Value, ...] | None
    ) -> tuple[Value, ...]:
        values = self._take(key, list, f"a list of {name}", None if default is None else [*default])
        for value in values:
            if not _is(value, kind):
                raise self.error(key, f"must be a list of {name}; {value!r} is not")
        return tuple(values)


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def load(path: Path) -> Table:
    """The file's top table. Raises DefinitionError when it is not there or is not TOML."""
    try:
        return Table(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise DefinitionError(f"{path}: the file is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: not valid TOML: {error}") from error
