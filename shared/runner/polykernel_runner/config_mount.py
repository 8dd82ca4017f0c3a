"""The files of /home/config: a part that cannot be used is left out and complained of, no more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polykernel_runner.dataclass import dataclass

PORTS: Mapping[str, int] = {
    "replin": 2000,
    "replout": 2001,
    "termin": 2002,
    "termout": 2003,
    "sshd": 2200,
    "ttyd": 7681,
}

_PERMISSION = re.compile("0?[0-7]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dotfile:
    """A file for the user's home: a path as it was given, UTF-8 text, permission bits."""

    path: str
    text: str
    mode: int


class ConfigMount:
    """Reads the files. `complaints` grows meanwhile; what is in a dotfile is in none of them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.complaints: list[str] = []

    def ports(self) -> Mapping[str, int]:
        """Return the ports by name, from intrinsic-ports.json or else the usual ones."""
        path = self._directory / "intrinsic-ports.json"
        ports = dict(PORTS)
        for name, port in self._json(path, dict, "a map", {}).items():
            if name in PORTS and type(port) is int and 0 < port < 65536:
                ports[name] = port
            else:
                self.complaints.append(f"{path}: {name!r}: {port!r} is left out")
        return ports

    def environ(self) -> Mapping[str, str]:
        """Return the variables of environ.txt."""
        path = self._directory / "environ.txt"
        try:
            lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.complaints.append(f"{path} cannot be read and is left out: {error}")
            return {}
        found: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            name, equals, value = line.partition("=")
            if equals and name.strip() and "\0" not in line:
                found[name.strip()] = value
            elif line.strip() and not line.lstrip().startswith("#"):
                self.complaints.append(f"{path}, line {number} is not KEY=value and is left out")
        return found

    def has_cluster(self) -> bool:
        """Return whether the host has put a cluster's key there."""
        return (self._directory / "ssh" / "id_cluster.pub").is_file()

    def dotfiles(self) -> tuple[Dotfile, ...]:
        """Return the files of dotfiles.json, those to be written last at the end."""
        path = self._directory / "dotfiles.json"
        found: list[Dotfile] = []
        for number, entry in enumerate(self._json(path, list, "a list", []), 1):
            try:
                found.append(_dotfile(entry))
            except (ValueError, TypeError) as error:
                self.complaints.append(f"{path}, entry {number} is left out: {error}")
        return tuple(found)

    def _json(self, path: Path, kind: type, name: str, default: Any) -> Any:
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(given, kind):
                raise TypeError(f"it is not {name}")
        except FileNotFoundError:
            return default
        except (OSError, ValueError, TypeError, RecursionError) as error:
            self.complaints.append(f"{path} cannot be read and is left out: {error}")
            return default
        return given


def _dotfile(entry: object) -> Dotfile:
    if not isinstance(entry, dict):
        raise TypeError('it is not like {"path": ".bashrc", "data": "text", "perm": "644"}')
    for key in ("path", "data", "perm"):
        if not isinstance(entry.get(key), str):
            raise TypeError(f"its {key!r} is not a text")
    perm = entry["perm"]
    if not _PERMISSION.fullmatch(perm):
        raise ValueError(f"its 'perm' {perm!r} is not an octal text such as '644'")
    return Dotfile(path=entry["path"], text=entry["data"], mode=int(perm, 8))
