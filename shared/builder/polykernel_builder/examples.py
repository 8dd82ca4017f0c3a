"""`examples/<case>/case.toml`: a program of a language, its input, and what it must print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from polykernel_builder import toml
from polykernel_builder.errors import DefinitionError
from polykernel_builder.manifest import Mode, read_modes
from polykernel_runner.protocol import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from polykernel_builder.catalog import Language

PROGRAM = "program"


@dataclass(frozen=True, kw_only=True)
class Example:
    """One case. `answers` are typed live, `stdin` is given at once; at most one of them is set.

    `files` are by path relative to the program's directory. `media` are MIME types that must
    arrive.
    """

    name: str
    title: str
    modes: tuple[Mode, ...]
    files: Mapping[str, bytes]
    stdout: str
    args: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    stdin: str | None = None
    stderr_contains: str | None = None
    exit_code: int = 0
    verdict: Verdict = "ok"
    media: tuple[str, ...] = ()


def load_examples(language: Language) -> tuple[Example, ...]:
    """All cases of `language`, by name. Raises DefinitionError, which names file and key."""
    directory = language.directory / "examples"
    if not directory.is_dir():
        return ()
    cases = sorted(path for path in directory.iterdir() if path.is_dir())
    return tuple(load_example(path, language.manifest.modes) for path in cases)


def load_example(directory: Path, promised: tuple[Mode, ...]) -> Example:
    """The case of `directory`, in some of the modes that its language has `promised`."""
    top = toml.load(directory / "case.toml")
    example = Example(
        name=directory.name,
        title=top.text("title"),
        modes=read_modes(top),
        files=_program(directory / PROGRAM),
        stdout=top.text("stdout", ""),
        args=top.texts("args", ()),
        answers=top.texts("answers", ()),
        stdin=top.optional_text("stdin"),
        stderr_contains=top.optional_text("stderr-contains"),
        exit_code=top.integer("exit-code", 0),
        verdict=_verdict(top),
        media=top.texts("media", ()),
    )
    top.finish()
    if not set(example.modes) <= set(promised):
        raise top.error(
            "modes", f"the language's manifest promises only {', '.join(promised) or 'services'}"
        )
    if example.answers and example.stdin is not None:
        raise top.error("stdin", "cannot be together with answers; choose one")
    if "query" in example.modes and len(example.files) != 1:
        raise top.error("modes", "query needs a program of one file, which is the code sent")
    return example


def _verdict(table: toml.Table) -> Verdict:
    text = table.text("verdict", "ok")
    known: tuple[Verdict, ...] = get_args(Verdict)
    for verdict in known:
        if verdict == text:
            return verdict
    raise table.error("verdict", f"must be one of {', '.join(known)}")


def _program(directory: Path) -> dict[str, bytes]:
    files = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
    if not files:
        raise DefinitionError(f"{directory}: the directory of the case's program is missing")
    return files
