"""From an engine to a program running in one of our images, seen through the client."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from polykernel import Kernel, Media, Output, WaitingInput
from polykernel_builder.commands import build, ca_bundle
from polykernel_builder.conformance import load_conformance
from polykernel_builder.console import console
from polykernel_builder.errors import BuilderError, DefinitionError
from polykernel_builder.examples import PROGRAM, Example, load_examples
from polykernel_builder.images import Options

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel import Run
    from polykernel_builder.catalog import Language, Tree
    from polykernel_builder.manifest import Mode

TOUR = "tour"
NEXT = {
    "batch": ("run {name} FILE [ARGS...]", "your own program; FILE - reads it from stdin"),
    "query": ("query {name} CODE", "your own code; CODE - reads it from stdin"),
    "services": ("app {name} ttyd", "a terminal in the browser; docs/services.md adds your own"),
}


def quickstart(tree: Tree, name: str) -> int:
    """Build the image of language `name`, run its tour, and say what to type next.

    Of one that runs no programs it is told what services it has.
    """
    language = tree.language(name)
    tour = to_show(language) if language.manifest.modes else None
    build(tree, [language], Options(ca_bundle=ca_bundle(None)))
    if tour is None:
        asyncio.run(_show_services(language))
        console.print(f"\nThat is what polykernel/{name} can start. {_next(name, 'services')}")
        return 0
    example, source = tour
    code = asyncio.run(_show(language, example))
    if code != example.exit_code:
        raise BuilderError(f"the program ended with exit code {code}, not {example.exit_code}")
    shown = source.relative_to(tree.root)
    console.print(
        f"\nThat was {shown} in a container of polykernel/{name}. {_next(name, _mode(example))}"
    )
    return 0


def to_show(language: Language) -> tuple[Example, Path]:
    """The example to show, and where it lies; of a language without any, its hello.

    Raises:
        DefinitionError: there is none.
    """
    examples = {example.name: example for example in load_examples(language)}
    directory = language.directory / "examples" / TOUR
    if TOUR in examples:
        return examples[TOUR], directory / PROGRAM
    if examples:
        raise DefinitionError(f"{directory}: there is no such example")
    return _hello(language), language.conformance


def _hello(language: Language) -> Example:
    conformance = load_conformance(language)
    mode = conformance.modes[0]
    return Example(
        name="hello",
        title="hello",
        modes=(mode,),
        files={conformance.file or "code": conformance.programs[mode]["hello"].encode()},
        stdout="Hello, World!\n",
        stdin="",
    )


def _mode(example: Example) -> Mode:
    return "batch" if "batch" in example.modes else "query"


async def _show_services(language: Language) -> None:
    async with Kernel.start(language.name) as kernel:
        names = ", ".join(app.name for app in await kernel.apps())
    console.print(f"{language.manifest.title}: {language.manifest.description}\nservices: {names}")


async def _show(language: Language, example: Example) -> int:
    title = f"{language.manifest.title}: {example.title}"
    given = f"; arguments: {' '.join(example.args)}" if example.args else ""
    console.print(f"{title} ({', '.join(example.files)}{given})")
    answers = iter(example.answers)
    async with Kernel.start(language.name) as kernel:
        run = _start(kernel, example)
        async for record in run:
            if isinstance(record, Output):
                stream = sys.stdout if record.stream == "stdout" else sys.stderr
                stream.buffer.write(record.data)
                stream.flush()
            elif isinstance(record, Media):
                console.print(f"[{record.type}, {len(record.data)} bytes]")
            elif isinstance(record, WaitingInput):
                await _answer(kernel, next(answers, None))
        result = await run
    return result.exit_code


def _start(kernel: Kernel, example: Example) -> Run:
    if _mode(example) == "batch":
        return kernel.run(example.files, args=example.args, stdin=example.stdin)
    (code,) = example.files.values()
    return kernel.query(code.decode(), args=example.args, stdin=example.stdin)


async def _answer(kernel: Kernel, answer: str | None) -> None:
    if answer is None:
        await kernel.input_eof()
        return
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()
    await kernel.input(answer)


def _next(name: str, kind: str) -> str:
    command, what = NEXT[kind]
    return f"""Next:

  source .venv/bin/activate
  {f"polykernel {command.format(name=name)}":<36}  {what}
  invoke list                           what languages there are
  invoke build --lang python            build another
  invoke --list                         all that can be done here
  ./test                                check everything"""
