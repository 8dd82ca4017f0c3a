"""What a language is: one contract with good defaults.

A language module (`languages/<name>/language.py`) is a handful of assignments to names that
`Language` has as fields. In the words of a command these are replaced:

    {work}     the work directory
    {build}    a private directory of the user's, kept from one run to the next
    {main}     the file that `Project.when` or `Snippet.file` names, as a path
    {connection_file}   in `JupyterKernel.argv`: where the kernel finds its sockets
    {socket}   in `EvaluationServer.argv`: the socket at which the runner waits for the server

and a word that is nothing but one of these becomes any number of words:

    {sources}  the files that `Project.sources`, a pattern or several, matches
    {args}     the arguments of the run
    $NAME      the words of the environment variable NAME, split as a shell would
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ConfigError

Argv: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStep:
    """One command of a build; with `when`, only where that file is in the work directory."""

    argv: Argv
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A shape that a program can have, and how such a program is built and run.

    `when` are file patterns, the first that matches is taken: `Makefile` and `*.py` look at the
    top of the work directory, `**/*.c` at all below it (not at hidden directories, nor at other
    file systems). Where `{main}` is used, a pattern must match just one file.
    """

    when: tuple[str, ...]
    run: Argv
    build: tuple[BuildStep, ...] = ()
    clean: tuple[BuildStep, ...] = ()
    sources: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise TypeError for the comma that is easily forgotten."""
        given: tuple[object, ...] = (self.when, self.run)
        if any(isinstance(item, str) for item in given):
            raise TypeError('`when` and `run` are tuples of texts: write ("main.x",)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A query that is a program of its own: saved as `file` in `{build}`, built there and run.

    It keeps no state. `file` may be named in commands as `{main}`.
    """

    file: str
    run: Argv
    build: tuple[BuildStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JupyterKernel:
    """A query that a Jupyter kernel evaluates; it keeps state. `argv` starts the kernel."""

    argv: Argv


Assistance: TypeAlias = Literal["complete", "inspect", "is-complete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationServer:
    """A query that a program of the image evaluates, which lives on: docs/evaluation-server.md.

    `argv` starts it, `assists` are the questions about code that it answers. The second interrupt,
    to a query that did not listen to the first, is `insistence` signals, close together.
    """

    argv: Argv
    assists: tuple[Assistance, ...] = ()
    keeps_state: bool = True
    insistence: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What the runner knows of a language.

    `env` is for every program, `live_env` for those whose standard input is a person's: there
    output should not wait in a buffer. Variables that the container or a job sets win over `env`.
    `terminal` is what runs in the terminal.
    """

    name: str
    projects: tuple[Project, ...] = ()
    query: Snippet | JupyterKernel | EvaluationServer | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    live_env: Mapping[str, str] = field(default_factory=dict)
    terminal: Argv = ("/bin/bash",)


def instead_of(mode: Literal["batch", "query"], language: Language) -> str:
    """Return why a language does nothing in that mode, and what to do instead."""
    name = language.name
    does_not = f"{name} {'runs no programs in batch' if mode == 'batch' else 'answers no queries'}"
    if language.query is not None:
        return f"{does_not}; send code as a query instead"
    if language.projects:
        return f"{does_not}; send a program to be run instead"
    return (
        f"{does_not}: it has services only; get-apps lists them and start-service starts one "
        f"(`polykernel app {name} NAME`)"
    )


def load(path: Path) -> Language:
    """Fill a `Language` from a module's assignments.

    Raises:
        ConfigError: the module fails, lacks its name, or assigns a public name that is not known.
    """
    assigned: dict[str, Any] = {"__name__": "language", "__file__": str(path)}
    try:
        # (runpy would do just this, but is itself loaded for longer than this takes.)
        exec(compile(path.read_bytes(), str(path), "exec"), assigned)  # noqa: S102
    except Exception as error:
        raise ConfigError(f"the language module {path} fails: {error!r}") from error
    known = {item.name for item in fields(Language)}
    own = {
        name: value
        for name, value in assigned.items()
        if not name.startswith("_") and getattr(value, "__module__", None) != __name__
    }
    own |= {name: assigned[name] for name in known & assigned.keys()}
    unknown = sorted(own.keys() - known - {"annotations"})
    if unknown:
        raise ConfigError(
            f"{path} assigns {unknown[0]!r}; a language has {', '.join(sorted(known))}"
        )
    if not isinstance(own.get("name"), str):
        raise ConfigError(f"{path} does not assign the language's name")
    return Language(**{name: own[name] for name in known & own.keys()})
