"""`conformance.toml`: the programs by which a language shows that it keeps its promises.

    file = "main.pl"        # what a program of one file is saved as in batch
    [programs]              # PROGRAMS says what each does; run in every promised mode
    [query]                 # those that must be different in query mode
    [modules]               # a batch program of several files, by name; prints modules
    [state]                 # where queries keep state: `then` prints 42 after `first`
    [completion]            # where code is completed: `code` is offered `has`
    [waived]                # "MODE.CASE" = why not, a footnote in docs/languages.md

A promised mode needs a program for each of its CASES, or a waiver.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from polykernel_builder import cases, toml
from polykernel_builder.cases import CASES, COMPLETION, MODULES, PROGRAMS, STATE, Case
from polykernel_builder.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel_builder.catalog import Language
    from polykernel_builder.manifest import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCase:
    first: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionCase:
    code: str
    has: str


@dataclass(frozen=True, kw_only=True)
class Conformance:
    """Programs by mode and name; `state` and `completion` are None where there is no such thing.

    `waived` are reasons by mode and case.
    """

    modes: tuple[Mode, ...] = ()
    file: str = ""
    programs: Mapping[Mode, Mapping[str, str]] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    state: StateCase | None = None
    completion: CompletionCase | None = None
    waived: Mapping[tuple[Mode, str], str] = field(default_factory=dict)

    def cases(self, mode: Mode) -> tuple[Case, ...]:
        """What is run in a mode: the cases that it needs, without those waived."""
        return tuple(
            case
            for case in CASES
            if self.needs(mode, case) and (mode, case.name) not in self.waived
        )

    def needs(self, mode: Mode, case: Case) -> bool:
        """Whether a mode needs a case; what not every language has, it needs where it is told."""
        if mode not in self.modes or mode not in case.modes:
            return False
        match case.program:
            case "state" | "completion" | "picture":
                return self.has(mode, case.program)
            case "args":
                # A query that finds what earlier ones left is no program with a command line.
                return mode == "batch" or self.state is None
            case _:
                return True

    def has(self, mode: Mode, program: str) -> bool:
        """Whether there is that program for a mode, or that table."""
        beside = {STATE: self.state, COMPLETION: self.completion, MODULES: self.modules}
        return bool(beside.get(program) or self.programs[mode].get(program))


def load_conformance(language: Language) -> Conformance:
    """Read and check a language's; one that promises no mode has none.

    Raises:
        DefinitionError: names the file and the key that is wrong, and says what is missing.
    """
    path, modes = language.conformance, language.manifest.modes
    if not path.is_file():
        if not modes:
            return Conformance()
        raise DefinitionError(f"{path}: the file is missing; {_advice(modes)}")
    if not modes:
        raise DefinitionError(f"{path}: the manifest promises no mode; take this file out")
    top = toml.load(path)
    programs = _read(top, modes)
    conformance = replace(programs, waived=_waived(top, programs))
    top.finish()
    for mode in modes:
        for case in conformance.cases(mode):
            if not conformance.has(mode, case.program):
                raise _missing(top, mode, case)
    return conformance


def _read(top: toml.Table, modes: tuple[Mode, ...]) -> Conformance:
    """What is of no use to a mode that is promised is left, so that it is told of."""
    shared = _programs(top.table("programs", optional=True))
    found = Conformance(modes=modes, programs=dict.fromkeys(modes, shared))
    if "batch" in modes:
        modules = top.named_texts(MODULES)
        top.checked(MODULES, modules, lambda files: len(files) != 1, "must be several files")
        found = replace(found, file=top.text("file"), modules=modules)
    if "query" in modes:
        own = _programs(top.table("query", optional=True))
        found = replace(
            found,
            programs={**found.programs, "query": {**shared, **own}},
            state=_state(top),
            completion=_completion(top),
        )
    return found


def _programs(table: toml.Table) -> dict[str, str]:
    programs = {name: table.text(name) for name in PROGRAMS if name in table}
    table.finish()
    return programs


def _state(top: toml.Table) -> StateCase | None:
    if STATE not in top:
        return None
    table = top.table(STATE)
    state = StateCase(first=table.text("first"), then=table.text("then"))
    table.finish()
    return state


def _completion(top: toml.Table) -> CompletionCase | None:
    if COMPLETION not in top:
        return None
    table = top.table(COMPLETION)
    completion = CompletionCase(code=table.text("code"), has=table.text("has"))
    table.finish()
    return completion


def _waived(top: toml.Table, conformance: Conformance) -> dict[tuple[Mode, str], str]:
    waived: dict[tuple[Mode, str], str] = {}
    for key, reason in top.named_texts("waived").items():
        mode, _, name = key.partition(".")
        needed = [
            (known, case.name)
            for known in conformance.modes
            for case in cases.named(known, name)
            if known == mode and conformance.needs(known, case)
        ]
        if not needed:
            known = ", ".join(
                f"{mode}.{case.name}"
                for mode in conformance.modes
                for case in CASES
                if conformance.needs(mode, case)
            )
            raise top.error(f'waived."{key}"', f"is nothing that is needed; that is {known}")
        waived |= dict.fromkeys(needed, reason)
    return waived


def _advice(modes: tuple[Mode, ...]) -> str:
    programs = "\n".join(f"    {name:8} {does}" for name, does in PROGRAMS.items())
    return (
        f"{' and '.join(modes)} must be shown to work. Give `file`, [modules] (several files,"
        f" print modules) and under [programs]\n{programs}"
    )


def _missing(top: toml.Table, mode: Mode, case: Case) -> DefinitionError:
    key = f"programs.{case.program}" if case.program in PROGRAMS else case.program
    does = PROGRAMS.get(case.program, "several files; prints modules")
    waiver = f'[waived] "{mode}.{case.name}" = "why"'
    return top.error(key, f"is missing for {mode} ({does}); add it, or {waiver}")
