"""What `install` is asked for, and whether it is there already."""

from __future__ import annotations

import importlib.metadata
import os
import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from polykernel_helpers.errors import InstallError

ANY = SpecifierSet()
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class Wanted:
    """`text` is what pip gets. A file, directory or URL has no `name` until pip has read it.

    `told_by_version`: that the right version is there says that nothing is to be done. Not so with
    extras, whose packages may be missing, and with URLs.
    """

    text: str
    name: str | None = None
    specifier: SpecifierSet = ANY
    told_by_version: bool = False

    def met_by(self) -> str | None:
        """Return the version that is there, or None where pip must be asked."""
        if self.name is None or not self.told_by_version:
            return None
        version = installed_version(self.name)
        return version if version is not None and self.accepts(version) else None

    def accepts(self, version: str) -> bool:
        """Whether this is one of the versions that were asked for."""
        return self.specifier.contains(version, prereleases=True)


def parse(requirement: str | os.PathLike[str]) -> Wanted:
    """Parse `name[extra]>=1`, `name @ URL`, a URL, or the path of a wheel, archive or directory.

    Raises:
        InstallError: it is none of them, or a marker says that it is not for this Python.
    """
    text = os.fspath(requirement).strip()
    if text.startswith("-"):
        raise InstallError(f"{text!r}: options of pip are not taken here; name one package")
    if not isinstance(requirement, str) or _is_place(text):
        return _place(text)
    try:
        parsed = Requirement(text)
    except InvalidRequirement as error:
        raise InstallError(
            f"{text!r} is no requirement such as 'name', 'name[extra]>=1.2', a URL or a path:\n"
            f"{error}"
        ) from None
    if parsed.marker is not None and not parsed.marker.evaluate():
        raise InstallError(
            f"{text!r} is not for this Python: its marker '{parsed.marker}' is false"
        )
    return Wanted(
        text=text,
        name=parsed.name,
        specifier=parsed.specifier,
        told_by_version=not parsed.extras and parsed.url is None,
    )


def installed_version(name: str) -> str | None:
    """Return the version that would be imported, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _is_place(text: str) -> bool:
    # As pip does: a bare name is a name, even where a directory of that name is.
    before_url = text.partition("@")[0]
    return (
        _URL.match(text) is not None
        or text.startswith(".")
        or os.sep in before_url
        or ("@" not in text and text.endswith(_ARCHIVES))
    )


def _place(text: str) -> Wanted:
    if _URL.match(text):
        return Wanted(text=text)
    path = Path(text).expanduser()
    if not path.exists() and not Path(str(path).partition("[")[0]).exists():
        raise InstallError(f"{text}: there is no such file or directory")
    # A plain file name would be taken for a package's.
    return Wanted(text=str(path) if path.is_absolute() else f".{os.sep}{path}")
