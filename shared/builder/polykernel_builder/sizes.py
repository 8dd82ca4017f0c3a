"""`docs/sizes.json`: how large each image is meant to be, and why one has grown."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from polykernel_builder.errors import BuilderError, DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What an image may grow by, of its recorded size, before somebody says why.
ALLOWED_GROWTH = 0.05


class GrownError(BuilderError):
    """Images that have grown, for which nobody gave a reason."""


@dataclass(frozen=True, slots=True)
class RecordedSize:
    """Bytes; `note` says why it is larger than it was once, where it has grown."""

    bytes: int
    note: str = ""

    def growth(self, size: int) -> float:
        """How much larger `size` is, of what is recorded."""
        return (size - self.bytes) / self.bytes


Sizes: TypeAlias = "Mapping[str, RecordedSize]"


def load_sizes(path: Path) -> dict[str, RecordedSize]:
    """Read the sizes by name of image; none where there is no file.

    Raises:
        DefinitionError: the file is not what `save_sizes` writes.
    """
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        return {name: _recorded(values) for name, values in whole.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DefinitionError(
            f"{path}: cannot be read ({error!r}); remove it and make it anew: invoke size --record"
        ) from error


def save_sizes(path: Path, sizes: Sizes) -> None:
    """Write them, so that the same sizes are the same bytes."""
    whole = {
        name: {key: value for key, value in asdict(size).items() if value}
        for name, size in sizes.items()
    }
    path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def outgrown(sizes: Sizes, measured: Mapping[str, int]) -> list[str]:
    """A line for each image that is too large for its record, with what to do about it."""
    return [
        f"{name}: {size} bytes are {100 * sizes[name].growth(size):.1f} % more than the recorded "
        f"{sizes[name].bytes}; take out what it does not need, or say why it has grown: "
        f"invoke size --lang {name} --record --note TEXT"
        for name, size in measured.items()
        if name in sizes and sizes[name].growth(size) > ALLOWED_GROWTH
    ]


def record(sizes: Sizes, measured: Mapping[str, int], note: str | None) -> dict[str, RecordedSize]:
    """`sizes` with those that were measured in place of the old; `note` goes to those that grew.

    Raises:
        GrownError: an image has grown by more than is allowed and there is no note.
    """
    grown = outgrown(sizes, measured)
    if grown and not note:
        raise GrownError("\n".join(grown))
    return {
        **sizes,
        **{name: _renewed(sizes.get(name), size, note or "") for name, size in measured.items()},
    }


def _renewed(old: RecordedSize | None, size: int, note: str) -> RecordedSize:
    if old is None:
        return RecordedSize(size)
    growth = old.growth(size)
    if growth > ALLOWED_GROWTH:
        return RecordedSize(size, note)
    # A reason for what has gone again would be none.
    return RecordedSize(size, old.note if growth >= -ALLOWED_GROWTH else "")


def _recorded(values: Mapping[str, Any]) -> RecordedSize:
    size = RecordedSize(bytes=int(values["bytes"]), note=str(values.get("note", "")))
    if size.bytes < 1:
        raise ValueError(f"{size.bytes} bytes")
    return size
