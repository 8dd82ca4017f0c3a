"""Which of a language's projects a program is, and the commands that come of it."""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import JobRefused
from polykernel_runner.language import Argv, BuildStep, Language, Project, instead_of

_SHOWN_FILES = 5
# How many files, and how many directories deep, a program is looked for in.
_MOST_FILES = 20_000
_MOST_DEPTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the words of a command are replaced by; see the docstring of `language`."""

    env: Mapping[str, str]
    work: str
    build: str
    main: str = ""
    connection_file: str = ""
    socket: str = ""
    sources: tuple[str, ...] = ()
    args: tuple[str, ...] = ()

    def expand(self, argv: Argv) -> Argv:
        """Return the command with all words replaced."""
        return tuple(word for template in argv for word in self._expand_word(template))

    def _expand_word(self, template: str) -> Iterable[str]:
        if template == "{sources}":
            return map(_no_option, self.sources)
        if template == "{args}":
            return self.args
        if template[:1] == "$" and template[1:].isidentifier():
            return _split(template[1:], self.env)
        word = template
        for name in ("work", "build", "main", "connection_file", "socket"):
            value = getattr(self, name)
            word = word.replace("{" + name + "}", _no_option(value) if name == "main" else value)
        return (word,)


def _no_option(path: str) -> str:
    """Return a path that no command takes for an option."""
    return f"./{path}" if path.startswith("-") else path


def _split(name: str, env: Mapping[str, str]) -> list[str]:
    try:
        return shlex.split(env.get(name, ""))
    except ValueError as error:
        raise JobRefused(f"{name}={env[name]} cannot be split into words: {error}") from None


@dataclass(frozen=True, slots=True)
class Plan:
    """A project that was recognised, with what its commands need."""

    project: Project
    words: Words
    tree: Tree

    def commands(self, steps: Iterable[BuildStep]) -> list[Argv]:
        """Return the commands of those steps that apply here."""
        return [
            self.words.expand(step.argv)
            for step in steps
            if step.when is None or self.tree.match(step.when)
        ]

    def run(self, args: tuple[str, ...]) -> Argv:
        """Return the command that runs the program."""
        return replace(self.words, args=args).expand(self.project.run)


class Tree:
    """The files of a program, as paths below the work directory, sorted.

    With `names` they are the program; else what lies in the directory is. Hidden directories,
    links to directories and other file systems are not looked into: a mounted folder may be huge.
    """

    def __init__(self, root: str, names: Iterable[str] | None = None) -> None:
        self._root = root
        self._names = None if names is None else sorted(names)

    def match(self, pattern: str) -> list[str]:
        """Return the files that `name`, `*.x` at the top, or `**/*.x` anywhere stand for."""
        if "*" not in pattern:
            if self._names is not None:
                return [pattern] if pattern in self._names else []
            there = os.path.isfile(os.path.join(self._root, pattern))
            return [pattern] if there else []
        everywhere = pattern.startswith("**/")
        name = pattern.removeprefix("**/")
        return [
            path
            for path in self._files(everywhere)
            if fnmatchcase(PurePosixPath(path).name, name) and (everywhere or "/" not in path)
        ]

    def match_any(self, patterns: str | Iterable[str]) -> tuple[str, ...]:
        """Return the files that a pattern stands for, or any of several, each once."""
        several = (patterns,) if isinstance(patterns, str) else patterns
        return tuple(sorted({path for pattern in several for path in self.match(pattern)}))

    def _files(self, everywhere: bool) -> Iterable[str]:
        if self._names is not None:
            return self._names
        device = os.stat(self._root).st_dev
        found = list(itertools.islice(self._walk("", device, everywhere), _MOST_FILES + 1))
        if len(found) > _MOST_FILES:
            raise JobRefused(
                f"there are more than {_MOST_FILES} files in the work directory, too many to look "
                "for a program in; send the program's files with the job"
            )
        return sorted(filter(None, found))

    def _walk(self, below: str, device: int, everywhere: bool) -> Iterator[str]:
        """Give the files, and something empty for all else that was looked at."""
        try:
            there = os.scandir(os.path.join(self._root, below))
        except OSError:
            return
        with there:
            for entry in there:
                kind = "" if entry.name.startswith(".") else _kind_on(device, entry)
                yield below + entry.name if kind == "file" else ""
                if everywhere and kind == "directory" and below.count("/") < _MOST_DEPTH:
                    yield from self._walk(f"{below}{entry.name}/", device, everywhere)


def _kind_on(device: int, entry: os.DirEntry[str]) -> str:
    # It may go away while we look, and a link may lead nowhere.
    with contextlib.suppress(OSError):
        if entry.is_file():
            return "file"
        about = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(about.st_mode) and about.st_dev == device:
            return "directory"
    return ""


def make(language: Language, tree: Tree, words: Words) -> Plan:
    """Recognise a program.

    Raises:
        JobRefused: there is nothing that this language can run, or more than one thing.
    """
    for project in language.projects:
        for pattern in project.when:
            found = tree.match(pattern)
            if found:
                main = _only(found, project)
                sources = tree.match_any(project.sources)
                return Plan(project, replace(words, main=main, sources=sources), tree)
    if not language.projects:
        raise JobRefused(instead_of("batch", language))
    known = ", ".join(pattern for project in language.projects for pattern in project.when)
    raise JobRefused(f"nothing to run: the work directory has none of {known}")


def _only(found: list[str], project: Project) -> str:
    commands = [project.run, *(step.argv for step in (*project.build, *project.clean))]
    needs_one = any("{main}" in word for argv in commands for word in argv)
    if needs_one and len(found) > 1:
        shown = ", ".join(found[:_SHOWN_FILES]) + (", ..." if len(found) > _SHOWN_FILES else "")
        raise JobRefused(
            f"there are {len(found)} programs, {shown}; call the one to run {project.when[0]}"
        )
    return found[0]
