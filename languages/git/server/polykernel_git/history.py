"""What git tells of a repository's history."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from polykernel_git.bash import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RefKind: TypeAlias = Literal["head", "branch", "remote", "tag", "other"]

# What ends each value cannot be in one.
_FIELDS = ("%H", "%P", "%h", "%p", "%an", "%D", "%s")
_FORMAT = "%x00".join(_FIELDS)
# Whatever the user's configuration says, which is otherwise in force.
_PLAIN = "--no-show-signature --no-color --encoding=UTF-8 -z"
_ALL_NAMES = "--decorate=full --decorate-refs='*' --decorate-refs=HEAD"
_LOG = f"log --all --topo-order {_ALL_NAMES} {_PLAIN} --format={_FORMAT}"
_BRANCHES = f"log --branches --no-decorate {_PLAIN} --format=%H%x00%S"
_KINDS: tuple[tuple[str, RefKind], ...] = (
    ("tag: refs/tags/", "tag"),
    ("refs/heads/", "branch"),
    ("refs/remotes/", "remote"),
    ("refs/", "other"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A name of a commit. `is_current`: it is where the next commit goes."""

    name: str
    kind: RefKind
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit; `short_*` are as git abbreviates them here, `branch` is one that has it."""

    id: str
    parents: tuple[str, ...]
    short_id: str
    short_parents: tuple[str, ...]
    author: str
    refs: tuple[Ref, ...]
    subject: str
    branch: str | None


class Reader:
    """Has git asked by the user's shell: in its directory, with its variables."""

    def __init__(self, run: Callable[[str], int]) -> None:
        self._run = run
        self._log = Memory("log")
        self._branches = Memory("branches")

    def read(self, directory: str, most: int) -> tuple[int, tuple[Commit, ...]]:
        """Return git's exit code and the newest commits, children before their parents."""
        git = f"\\command git -C {shlex.quote(directory)}"
        exit_code = self._run(
            f"{git} {_LOG} --max-count={most} >|{self._log.path} && "
            f"{git} {_BRANCHES} >|{self._branches.path}"
        )
        if exit_code:
            return exit_code, ()
        branches = {record[0]: record[1] for record in _records(self._branches.read(), 2)}
        return 0, tuple(parse(self._log.read(), branches))


def parse(log: bytes, branches: dict[str, str]) -> Iterator[Commit]:
    """Return the commits of a log in our format."""
    for commit, parents, short, short_parents, author, names, subject in _records(
        log, len(_FIELDS)
    ):
        yield Commit(
            id=commit,
            parents=tuple(parents.split()),
            short_id=short,
            short_parents=tuple(short_parents.split()),
            author=author,
            refs=tuple(_refs(names)),
            subject=subject,
            branch=branches.get(commit),
        )


def _records(text: bytes, size: int) -> Iterator[tuple[str, ...]]:
    values = text.decode("utf-8", "replace").split("\0")
    return zip(*[iter(values[:-1])] * size, strict=True)


def _refs(names: str) -> Iterator[Ref]:
    """Return the refs of a decoration such as `HEAD -> refs/heads/main, tag: refs/tags/v1`."""
    for text in filter(None, names.split(", ")):
        head, arrow, pointed_at = text.partition(" -> ")
        full = pointed_at if arrow else head
        if full == "HEAD":
            yield Ref(name=full, kind="head", is_current=True)
            continue
        for prefix, kind in _KINDS:
            if full.startswith(prefix):
                yield Ref(name=full.removeprefix(prefix), kind=kind, is_current=bool(arrow))
                break
