"""The service definitions of a kernel: found in files, and found again when those change."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from polykernel_runner.errors import ServiceError
from polykernel_runner.services.definition import ServiceDefinition, parse

log = logging.getLogger(__name__)

# What changes when a file does: its number, size and time.
_Mark: TypeAlias = tuple[int, int, int]


class Catalog:
    """What the files of some directories define. Of two files of a name the first counts.

    A file that is no definition is left out, and the log says why.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = directories
        self._seen: Mapping[Path, _Mark] | None = None
        self._definitions: dict[str, ServiceDefinition] = {}
        self._left_out: dict[str, str] = {}

    def all(self) -> list[ServiceDefinition]:
        """Return all definitions, by name."""
        self._look()
        return [definition for _, definition in sorted(self._definitions.items())]

    def get(self, name: str) -> ServiceDefinition | None:
        """Return a definition, None where there is none."""
        self._look()
        return self._definitions.get(name)

    def find(self, name: str) -> ServiceDefinition:
        """Return a definition.

        Raises:
            ServiceError: there is none; the message names those that there are.
        """
        definition = self.get(name)
        if definition is not None:
            return definition
        if name in self._left_out:
            raise ServiceError(self._left_out[name])
        known = ", ".join(sorted(self._definitions)) or "none"
        raise ServiceError(f"there is no service {name!r}; those of this image are: {known}")

    def _look(self) -> None:
        """Read the files again if anything about them has changed."""
        there = {path: mark for directory in self._directories for path, mark in _files(directory)}
        if there == self._seen:
            return
        self._seen = there
        self._definitions.clear()
        self._left_out.clear()
        for path in there:
            self._read(path)

    def _read(self, path: Path) -> None:
        name = path.stem
        if name in self._definitions:
            log.warning("%s is left out: another file defines the service %r", path, name)
            return
        try:
            self._definitions[name] = parse(name, path.read_bytes())
        except (OSError, ServiceError) as error:
            self._left_out[name] = f"the service definition {path} is left out: {error}"
            log.warning("%s", self._left_out[name])


def _files(directory: Path) -> list[tuple[Path, _Mark]]:
    found: list[tuple[Path, _Mark]] = []
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        log.warning("no service definitions are read from %s: %s", directory, error)
        return []
    for entry in entries:
        if not entry.name.endswith(".json") or entry.name.startswith("."):
            continue
        try:
            about = entry.stat()
        except OSError:
            found.append((Path(entry.path), (0, 0, 0)))  # a link to nowhere; reading it says so
        else:
            found.append((Path(entry.path), (about.st_ino, about.st_size, about.st_mtime_ns)))
    return found
