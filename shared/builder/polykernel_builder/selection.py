"""What a task works on: one language, all, or what changed since a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from polykernel_builder.changes import Changes
from polykernel_builder.errors import UsageError
from polykernel_builder.history import History

if TYPE_CHECKING:
    from polykernel_builder.catalog import Language, Target, Tree
    from polykernel_builder.changes import Reasons


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was typed. Raises UsageError for what does not go together."""

    lang: str | None = None
    everything: bool = False
    changed: bool = False
    base: str | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        if [bool(self.lang), self.everything, self.changed].count(True) != 1:
            raise UsageError("say which: --lang LANG, --all, or --changed --base REV")
        if self.changed and not self.base:
            raise UsageError("say since when: --base REV, for example --base origin/main")
        if not self.changed and (self.base or self.dry_run):
            raise UsageError("--base and --dry-run go with --changed")


def images_asked(tree: Tree, asked: Asked) -> list[Target]:
    """What to build. What changed is told on stdout, and is nothing to build in a dry run."""
    if asked.lang:
        return [tree.language(asked.lang)]
    if not asked.changed:
        return [*tree.images.values(), *tree.languages.values()]
    reasons = _since(tree, asked).images()
    _tell(reasons, "nothing to build")
    return [] if asked.dry_run else [tree.target(name) for name in reasons]


def languages_asked(tree: Tree, asked: Asked) -> list[Language]:
    """What to test, in the same way."""
    if asked.lang:
        return [tree.language(asked.lang)]
    if not asked.changed:
        return list(tree.languages.values())
    reasons = _since(tree, asked).languages()
    _tell(reasons, "nothing to test")
    return [] if asked.dry_run else [tree.language(name) for name in reasons]


def _since(tree: Tree, asked: Asked) -> Changes:
    return Changes(tree, History(tree.root, asked.base or ""))


def _tell(reasons: Reasons, nothing: str) -> None:
    lines = [f"{name}: {reason}" for name, reason in reasons.items()]
    Console(highlight=False, markup=False, soft_wrap=True).print("\n".join(lines) or nothing)
