"""What a language's module says of a program, as plain commands: the same compile and run."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bench.errors import BenchError
from polykernel_runner.language import BuildStep, Snippet, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel_builder.catalog import Language

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Directories of the container: of the sources, and of what is built."""

    work: str
    build: str


@dataclass(frozen=True, slots=True)
class Program:
    """Commands that build a program of one file and run it, in the directory of its sources."""

    file: str
    build: tuple[Command, ...]
    run: Command
    env: Mapping[str, str]

    def script(self, places: Places) -> str:
        """The same for a shell."""
        lines = [f"mkdir -p {places.build}", f"cd {places.work}"]
        lines += [shlex.join(command) for command in self.build]
        return " && ".join([*lines, f"exec {shlex.join(self.run)}"])


def batch(language: Language, file: str, places: Places) -> Program:
    """Return what a job does with that file and no other.

    Raises:
        BenchError: the language's module has nothing for it.
    """
    module = load(language.module)
    for project in module.projects:
        if any(fnmatchcase(file, pattern.removeprefix("**/")) for pattern in project.when):
            steps = project.build
            return _program(file, steps, project.run, module.env, places)
    raise BenchError(f"{language.name}: {file} is no program of its")


def query(language: Language, places: Places) -> Program:
    """Return what a query does, where each is a program of its own.

    Raises:
        BenchError: it is not.
    """
    module = load(language.module)
    snippet = module.query
    if not isinstance(snippet, Snippet):
        raise BenchError(f"{language.name}: queries are no programs of their own")
    return _program(snippet.file, snippet.build, snippet.run, module.env, places)


def _program(
    file: str, steps: tuple[BuildStep, ...], run: Command, env: Mapping[str, str], places: Places
) -> Program:
    names = {"work": places.work, "build": places.build, "main": file, "sources": file}
    build = tuple(_filled(step.argv, names, env) for step in steps if step.when is None)
    return Program(file, build, _filled(run, names, env), env)


def _filled(argv: Command, names: Mapping[str, str], env: Mapping[str, str]) -> Command:
    """Of what users set nothing is set here: other variables and arguments are left out."""
    words: list[str] = []
    for word in argv:
        if word.startswith("$"):
            words += env.get(word[1:], "").split()
        elif word != "{args}":
            words.append(word)
    for name, value in names.items():
        words = [word.replace(f"{{{name}}}", value) for word in words]
    return tuple(words)
