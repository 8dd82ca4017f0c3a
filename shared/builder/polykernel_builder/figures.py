"""`docs/languages.json`: what was measured of the images, and on what machine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from polykernel_builder.errors import DefinitionError
from polykernel_builder.manifest import MODES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from polykernel_builder.manifest import Mode


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: from asking for a container to the end of its first hello, and for another."""

    first: float
    warm: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The toolchain's version, and times by mode."""

    version: str
    times: Mapping[Mode, Times]


@dataclass(frozen=True, slots=True)
class Machine:
    architecture: str
    cpus: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures by language, and the machine that the newest are of."""

    machine: Machine
    languages: Mapping[str, Figures] = field(default_factory=dict)


def load_measured(path: Path) -> Measured:
    """Read what was measured.

    Raises:
        DefinitionError: the file is not there, or is not what `save_measured` writes.
    """
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        return Measured(
            Machine(**whole["machine"]),
            {name: _figures(figures) for name, figures in whole["languages"].items()},
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DefinitionError(
            f"{path}: cannot be read ({error!r}); remove it and make it anew: invoke matrix"
        ) from error


def _figures(values: dict[str, Any]) -> Figures:
    times = values.pop("times")
    return Figures(**values, times={mode: Times(**times[mode]) for mode in MODES if mode in times})


def save_measured(path: Path, measured: Measured) -> None:
    """Write it, so that the same figures are the same bytes."""
    path.write_text(json.dumps(asdict(measured), indent=1, sort_keys=True) + "\n", encoding="utf-8")
