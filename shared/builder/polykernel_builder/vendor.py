"""Fills `vendor` directories: the same source gives the same bytes, modes and times."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polykernel_builder.catalog import Image, Language
from polykernel_builder.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from polykernel_builder.catalog import Target, Tree

# 2020-01-01: files in an image differ by what is in them, not by when they were copied.
FILE_TIME = 1577836800
PACKAGE = "rootfs/opt/polykernel/lib/polykernel_runner"
HOME = "rootfs/opt/polykernel"
SERVICE_DEFINITIONS = "rootfs/etc/polykernel/service-defs"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file to be vendored, and the mode it shall have."""

    path: Path
    mode: int = 0o644


def vendor(target: Target, wheels: Callable[[Path], Path], ca_bundle: Path | None) -> int:
    """Bring `target`'s vendor directory up to date; return how many files changed.

    `wheels` gives the directory with the wheels of a lock file. `ca_bundle` is used only by a
    Dockerfile that copies `vendor/ca` in a build stage.
    """
    plan = dict(_plan(target, wheels))
    directories = [SERVICE_DEFINITIONS] if isinstance(target, Language) else []
    if target.dockerfile.wants_ca:
        directories.append("ca")
        if ca_bundle is not None:
            plan["ca/host.crt"] = Source(path=ca_bundle)
    return _write(target.vendor, plan, directories)


def sources(target: Target) -> set[Path]:
    """The tree's own files that `target`'s vendor directory is made from.

    Wheels are not the tree's; the locks that name them are.
    """
    plan = _plan(target, lambda _: target.tree.root / "no-wheels")
    return {source.path for _, source in plan}


def _plan(target: Target, wheels: Callable[[Path], Path]) -> Iterator[tuple[str, Source]]:
    if isinstance(target, Language):
        yield from _runner_files(target.tree)
        yield from _language_files(target)
        lock = target.directory / "requirements.lock"
        if lock.exists():
            yield from _wheel_files("wheels/user", lock, wheels)
        if target.manifest.jupyter:
            lock = target.tree.runner / "requirements-jupyter.lock"
            yield from _wheel_files("wheels/jupyter", lock, wheels)
    elif isinstance(target, Image):
        yield from _image_files(target)
        if target.manifest.wheels:
            yield from _wheel_files("wheels", target.manifest.wheels, wheels)


def _runner_files(tree: Tree) -> Iterator[tuple[str, Source]]:
    package = tree.runner / "polykernel_runner"
    for path in package.rglob("*.py"):
        yield f"{PACKAGE}/{path.relative_to(package).as_posix()}", Source(path=path)
    yield f"{HOME}/entrypoint.sh", Source(path=tree.runner / "entrypoint.sh", mode=0o755)
    yield f"{HOME}/start.py", Source(path=tree.runner / "start.py")


def _language_files(language: Language) -> Iterator[tuple[str, Source]]:
    yield f"{HOME}/language.py", Source(path=language.module)
    yield f"{HOME}/language.toml", Source(path=language.directory / "language.toml")
    builtin = language.tree.runner / "service-defs"
    definitions = {
        **{f"{name}.json": builtin / f"{name}.json" for name in language.manifest.builtin_services},
        **{path.name: path for path in language.service_definitions},
    }
    for name, path in definitions.items():
        yield f"{SERVICE_DEFINITIONS}/{name}", Source(path=path)


def _image_files(image: Image) -> Iterator[tuple[str, Source]]:
    for pattern in image.manifest.files:
        paths = sorted(image.tree.root.glob(pattern))
        if not paths:
            raise DefinitionError(
                f"{image.directory / 'image.toml'}: vendor.files: nothing matches {pattern!r}"
            )
        for path in paths:
            yield path.name, Source(path=path)


def _wheel_files(
    directory: str, lock: Path, wheels: Callable[[Path], Path]
) -> Iterator[tuple[str, Source]]:
    for path in wheels(lock).glob("*.whl"):
        yield f"{directory}/{path.name}", Source(path=path)
    yield f"{directory}/requirements.lock", Source(path=lock)


def _write(root: Path, plan: Mapping[str, Source], directories: list[str]) -> int:
    for name in directories:
        (root / name).mkdir(parents=True, exist_ok=True)
    kept = {root / name for name in plan} | {root / name for name in directories}
    kept |= {parent for path in list(kept) for parent in path.parents}
    changed = 0
    for path in sorted(root.rglob("*"), reverse=True) if root.exists() else []:
        if path not in kept or (path.is_dir() and _relative(path, root) in plan):
            changed += 1
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in sorted(plan):
        changed += _update(root / name, plan[name])
    return changed


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _update(path: Path, source: Source) -> bool:
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise DefinitionError(f"{source.path}: cannot be read: {error.strerror}") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    changed = not path.is_file() or path.read_bytes() != data
    if changed:
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_bytes(data)
        temporary.replace(path)
    path.chmod(source.mode)
    os.utime(path, (FILE_TIME, FILE_TIME))
    return changed
