"""The tree: which languages and images there are, and where their files lie."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder import toml
from polykernel_builder.dockerfile import OURS, Dockerfile, load_dockerfile
from polykernel_builder.errors import DefinitionError, UsageError
from polykernel_builder.manifest import Manifest, load_manifest, read_differences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polykernel_builder.comparison import KnownDifference


@dataclass(frozen=True, kw_only=True)
class ImageManifest:
    """`image.toml`, of an image that languages build on.

    `files` are patterns, relative to the tree, of sources copied into `vendor`; `wheels` is the
    lock file whose wheels go into `vendor/wheels`. What is not for others is not `published`.
    """

    title: str
    description: str
    files: tuple[str, ...]
    wheels: Path | None
    published: bool
    differences: tuple[KnownDifference, ...]


@dataclass(frozen=True)
class Target:
    """A directory that becomes the image `polykernel/<name>`."""

    tree: Tree
    name: str
    directory: Path

    @property
    def image(self) -> str:
        return f"{OURS}{self.name}"

    @property
    def vendor(self) -> Path:
        return self.directory / "vendor"

    @cached_property
    def dockerfile(self) -> Dockerfile:
        return load_dockerfile(self.directory / "Dockerfile")

    @property
    def differences(self) -> tuple[KnownDifference, ...]:
        """What its manifest says that differs from build to build."""
        return ()


class Image(Target):
    @cached_property
    def manifest(self) -> ImageManifest:
        top = toml.load(self.directory / "image.toml")
        title, description = top.text("title"), top.text("description")
        vendor = top.table("vendor", optional=True)
        wheels = vendor.optional_text("wheels")
        manifest = ImageManifest(
            title=title,
            description=description,
            files=vendor.texts("files", ()),
            wheels=self.tree.root / wheels if wheels else None,
            published=top.boolean("publish", default=True),
            differences=read_differences(top),
        )
        vendor.finish()
        top.finish()
        return manifest

    @property
    def differences(self) -> tuple[KnownDifference, ...]:
        return self.manifest.differences


class Language(Target):
    @cached_property
    def manifest(self) -> Manifest:
        return load_manifest(self.directory / "language.toml")

    @property
    def differences(self) -> tuple[KnownDifference, ...]:
        return self.manifest.differences

    @property
    def module(self) -> Path:
        return self.directory / "language.py"

    @property
    def conformance(self) -> Path:
        return self.directory / "conformance.toml"

    @property
    def service_definitions(self) -> tuple[Path, ...]:
        """Its own, and those of the language whose image it builds on."""
        parent = self.tree.languages.get(self.dockerfile.base_name)
        inherited = parent.service_definitions if parent else ()
        own = sorted((self.directory / "service-defs").glob("*.json"))
        return tuple({path.name: path for path in (*inherited, *own)}.values())


@dataclass(frozen=True)
class Tree:
    """The clone, or any directory laid out like it."""

    root: Path

    @classmethod
    def here(cls) -> Tree:
        return cls(Path(__file__).resolve().parents[3])

    @property
    def runner(self) -> Path:
        return self.root / "shared" / "runner"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    @property
    def measured(self) -> Path:
        return self.root / "docs" / "languages.json"

    @property
    def sizes(self) -> Path:
        return self.root / "docs" / "sizes.json"

    @property
    def matrix(self) -> Path:
        return self.root / "docs" / "languages.md"

    @property
    def languages(self) -> dict[str, Language]:
        return {
            path.name: Language(self, path.name, path) for path in _parts(self.root / "languages")
        }

    @property
    def images(self) -> dict[str, Image]:
        return {path.name: Image(self, path.name, path) for path in _parts(self.root / "images")}

    def language(self, name: str) -> Language:
        """Raises UsageError, which lists the known ones, for a name that is not a language's."""
        languages = self.languages
        if name not in languages:
            close = difflib.get_close_matches(name, languages, n=1)
            hint = f"; did you mean {close[0]}?" if close else "."
            known = ", ".join(languages) or "none"
            raise UsageError(f"there is no language {name!r}{hint} Known are: {known}")
        return languages[name]

    def target(self, name: str) -> Target:
        return self.images.get(name) or self.language(name)

    def check(self, targets: Iterable[Target]) -> None:
        """Read all that a build will need, so that what is wrong shows before any work."""
        for target in targets:
            for parent in target.dockerfile.parents:
                if parent not in self.images and parent not in self.languages:
                    raise DefinitionError(
                        f"{target.directory / 'Dockerfile'}: builds on {OURS}{parent}, "
                        "but neither images/ nor languages/ has it"
                    )
            if isinstance(target, Language):
                _ = target.manifest
                if not target.module.is_file():
                    raise DefinitionError(f"{target.module}: the file is missing")
            elif isinstance(target, Image):
                _ = target.manifest


def _parts(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return sorted(
        path
        for path in directory.iterdir()
        if path.is_dir() and path.name[0] not in "._" and not _is_remnant(path)
    )


def _is_remnant(directory: Path) -> bool:
    """Whether git took away all but what it does not know of, as when a language was deleted."""
    return {path.name for path in directory.iterdir()} <= {"vendor", "__pycache__"}
