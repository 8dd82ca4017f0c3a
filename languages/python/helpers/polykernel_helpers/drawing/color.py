"""Colours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OPAQUE = 255


@dataclass(frozen=True, eq=False)
class Color:
    """Red, green, blue and alpha, each from 0 to 255; alpha 255 is opaque.

    Raises:
        ValueError: a part is not such a number.
    """

    red: int
    green: int
    blue: int
    alpha: int = OPAQUE

    def __post_init__(self) -> None:
        for name in ("red", "green", "blue", "alpha"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 0 <= value <= OPAQUE:
                raise ValueError(f"{name} must be a whole number from 0 to 255, not {value!r}")

    def __eq__(self, other: object) -> bool:
        return self.to_bytes() == other.to_bytes() if isinstance(other, Color) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    @staticmethod
    def from_hex(value: str) -> Color:
        """Return the colour of `#rrggbb` or `#rrggbbaa`. Raises ValueError for another text."""
        try:
            return Color(*_parts(bytes.fromhex(value.removeprefix("#"))))
        except ValueError:
            raise ValueError(f"a colour is like '#ff8000' or '#ff8000ff', not {value!r}") from None

    @staticmethod
    def from_rgba(value: Iterable[int]) -> Color:
        """Return the colour of red, green, blue and, unless it is opaque, alpha."""
        return Color(*value)

    @staticmethod
    def from_bytes(value: bytes) -> Color:
        """Return the colour of four bytes. Raises ValueError for another number of them."""
        return Color(*_parts(value))

    def to_hex(self, include_alpha: bool = True) -> str:  # noqa: FBT001, FBT002
        """Return `#rrggbbaa`, or `#rrggbb`."""
        return "#" + (self.to_bytes() if include_alpha else self.to_bytes()[:3]).hex()

    def to_bytes(self) -> bytes:
        """Return four bytes."""
        return bytes((self.red, self.green, self.blue, self.alpha))

    def to_rgba(self) -> str:
        """Return `rgba(r,g,b,a)`, each from 0 to 255."""
        return f"rgba({self.red},{self.green},{self.blue},{self.alpha})"


class Colors(Color, Enum):
    """Colours by name."""

    Transparent = (255, 255, 255, 0)
    Black = (0, 0, 0)
    Gray = (128, 128, 128)
    White = (255, 255, 255)
    Red = (255, 0, 0)
    Green = (0, 255, 0)
    Blue = (0, 0, 255)
    Yellow = (255, 255, 0)
    Magenta = (255, 0, 255)
    Cyan = (0, 255, 255)


def color_of(value: object, default: Color | None = None) -> Color:
    """Return a colour, `default` where none is given. Raises TypeError for what is none."""
    if value is None and default is not None:
        return default
    if not isinstance(value, Color):
        raise TypeError(f"a colour is a Color(...) or one of Colors, not {value!r}")
    return value


def _parts(value: bytes) -> tuple[int, ...]:
    if len(value) not in {3, 4}:
        raise ValueError(f"a colour has 3 or 4 bytes, not {len(value)}")
    return tuple(value)
