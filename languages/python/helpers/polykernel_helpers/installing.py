"""`install`: a package for the user, importable at once, or an error that says why not."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import site
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from polykernel_helpers.errors import InstallError
from polykernel_helpers.pip import pip_install
from polykernel_helpers.requirements import installed_version, parse


@dataclass(frozen=True)
class Installed:
    """What is there now; `changed` is False where it was there before."""

    name: str
    version: str
    changed: bool


def install(
    requirement: str | os.PathLike[str],
    force: bool = False,  # noqa: FBT001, FBT002
) -> Installed:
    """Install a package with pip, where this user may write, so that it can be imported at once.

    `requirement` is `name`, `name[extra]>=1.2,<2`, `name @ URL`, a URL, or the path of a wheel,
    archive or directory. If the version that is there will do, nothing is done, unless `force`.

    Raises:
        InstallError: it is not a requirement, pip failed, or what is there afterwards is not what
            was asked for.
    """
    wanted = parse(requirement)
    if wanted.name is not None and not force and (there := wanted.met_by()):
        return Installed(wanted.name, there, changed=False)
    got = pip_install(wanted.text, *(["--force-reinstall"] if force else []))
    changed = got is not None
    if got is None and wanted.name is None:
        got = pip_install(wanted.text, "--dry-run", "--ignore-installed", "--no-deps")
    _make_importable()
    name = wanted.name or (got.name if got is not None else "")
    version = installed_version(name) if name else None
    if version is None:
        raise InstallError(f"{wanted.text}: pip reports success, but it cannot be found afterwards")
    if not wanted.accepts(version) or (got is not None and version != got.version):
        raise InstallError(
            f"{wanted.text}: pip reports success, but what is found is {name} {version}; another "
            f"directory comes first on sys.path: {os.pathsep.join(sys.path)}"
        )
    if changed and _is_imported(name):
        warnings.warn(
            f"{name} was imported before; {version} is in use from the next start of Python on",
            stacklevel=2,
        )
    return Installed(name, version, changed)


def _make_importable() -> None:
    importlib.invalidate_caches()
    directory = site.getusersitepackages()
    # A directory that was not there when this interpreter started is not on its path.
    if site.ENABLE_USER_SITE and Path(directory).is_dir() and directory not in sys.path:
        before = len(sys.path)
        site.addsitedir(directory)
        added = sys.path[before:]
        del sys.path[before:]
        systems = [sys.path.index(path) for path in site.getsitepackages() if path in sys.path]
        at = min(systems, default=before)
        sys.path[at:at] = added


def _is_imported(name: str) -> bool:
    files = importlib.metadata.files(name) or []
    modules = (".".join(file.with_suffix("").parts) for file in files if file.suffix == ".py")
    return any(module.removesuffix(".__init__") in sys.modules for module in modules)
