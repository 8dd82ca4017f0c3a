"""Which images and languages a change concerns, told from git, manifests and Dockerfiles.

What an image is made from is asked of its vendor plan, as it was and as it is: so a file that was
taken away counts, and no list of files is kept here.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from polykernel_builder.catalog import Tree
from polykernel_builder.context import is_sent
from polykernel_builder.errors import DefinitionError
from polykernel_builder.images import build_order
from polykernel_builder.vendor import sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from graphlib import TopologicalSorter

    from polykernel_builder.catalog import Target
    from polykernel_builder.history import Change, History

Reasons: TypeAlias = "dict[str, str]"
"""Why, by the name of an image or language."""

# It makes all images: vendor plans, contexts, labels.
BUILDER = "shared/builder/polykernel_builder"
# No integration test looks at them; ./test --fast looks at some. A top directory or file that is
# not named here changes, for all we know, every test.
UNTESTED = ("docs", "bench", "tests/unit", "LICENSE", ".gitignore")
PROSE = ".md"


class Changes:
    """What is different since the beginning of `history` in `tree`."""

    def __init__(self, tree: Tree, history: History) -> None:
        self._tree = tree
        self._targets: dict[str, Target] = {**tree.images, **tree.languages}
        self._order = _in_order(build_order(tree, self._targets.values()))
        self._changes = history.changes()
        now = {name: _inputs(target) for name, target in self._targets.items()}
        with history.before() as files:
            before = _inputs_before(Tree(files), self._targets)
        self._inputs = {name: paths | before.get(name, set()) for name, paths in now.items()}

    def images(self) -> Reasons:
        """The images that need a build, each after those it builds on."""
        own = {
            name: _summary(change for change in self._changes if self._is_input(change, name))
            for name in self._targets
        }
        reasons: Reasons = {}
        for name in self._order:
            parents = self._targets[name].dockerfile.parents
            changed = [parent for parent in parents if parent in reasons]
            if reason := own[name] or (f"builds on {', '.join(changed)}" if changed else ""):
                reasons[name] = reason
        return reasons

    def languages(self) -> Reasons:
        """The languages that need a test: those of changed images, and whose tests changed."""
        images, languages = self.images(), self._tree.languages
        reasons: Reasons = {name: images[name] for name in languages if name in images}
        for change in self._changes:
            parent, _, rest = change.path.partition("/")
            name = rest.partition("/")[0]
            if parent == "languages" and name in languages:
                reasons.setdefault(name, str(change))
            elif self._concerns_all(change):
                reasons = {**dict.fromkeys(languages, str(change)), **reasons}
        return {name: reasons[name] for name in languages if name in reasons}

    def _concerns_all(self, change: Change) -> bool:
        path = PurePath(change.path)
        if path.parts[0] == "languages" or _is_untested(path):
            return False
        concerned = {name for name in self._targets if self._is_input(change, name)}
        # What tests an image that no language builds on, such as one of a server, is not known.
        return not self._above(concerned) & self._tree.languages.keys()

    def _above(self, names: set[str]) -> set[str]:
        above = set(names)
        for name in self._order:
            if above.intersection(self._targets[name].dockerfile.parents):
                above.add(name)
        return above

    def _is_input(self, change: Change, name: str) -> bool:
        target = self._targets[name]
        path = self._tree.root / change.path
        if path.is_relative_to(target.directory):
            return is_sent(path.relative_to(target.directory))
        return change.path in self._inputs[name] or change.path.startswith(f"{BUILDER}/")


def _inputs(target: Target) -> set[str]:
    root = target.tree.root
    return {path.relative_to(root).as_posix() for path in sources(target)}


def _inputs_before(tree: Tree, names: Iterable[str]) -> dict[str, set[str]]:
    found = {}
    for name, target in {**tree.images, **tree.languages}.items():
        if name in names:
            try:
                found[name] = _inputs(target)
            except DefinitionError:
                # It was wrong and no longer is, so files of its own or of its parents changed.
                continue
    return found


def _in_order(sorter: TopologicalSorter[str]) -> list[str]:
    names: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        sorter.done(*ready)
        names += ready
    return names


def _is_untested(path: PurePath) -> bool:
    return any(path.is_relative_to(part) for part in UNTESTED) or (
        path.suffix == PROSE and len(path.parts) == 1
    )


def _summary(changes: Iterable[Change]) -> str:
    first, *more = [str(change) for change in changes] or [""]
    return f"{first}, and {len(more)} more" if more else first
