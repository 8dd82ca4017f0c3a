"""From an engine to a program running in one of our images, seen through the client."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from polykernel import Kernel
from polykernel_builder.commands import build, ca_bundle
from polykernel_builder.console import console
from polykernel_builder.errors import BuilderError, DefinitionError
from polykernel_builder.examples import PROGRAM, Example, load_examples
from polykernel_builder.images import Options
from polykernel_runner.protocol import Output, WaitingInput

if TYPE_CHECKING:
    from polykernel_builder.catalog import Language, Tree

TOUR = "tour"


def quickstart(tree: Tree, name: str) -> int:
    """Build the image of language `name`, run its tour, and say what to type next."""
    language = tree.language(name)
    examples = {example.name: example for example in load_examples(language)}
    if TOUR not in examples:
        raise DefinitionError(f"{language.directory / 'examples' / TOUR}: there is no such example")
    tour = examples[TOUR]
    build(tree, [language], Options(ca_bundle=ca_bundle(None)))
    code = asyncio.run(_show(language, tour))
    if code != tour.exit_code:
        raise BuilderError(f"the program ended with exit code {code}, not {tour.exit_code}")
    console.print(_next(language))
    return 0


async def _show(language: Language, example: Example) -> int:
    title = f"{language.manifest.title}: {example.title}"
    console.print(f"{title} ({', '.join(example.files)}; arguments: {' '.join(example.args)})")
    answers = iter(example.answers)
    async with Kernel.start(language.name) as kernel:
        run = kernel.run(files=example.files, args=example.args, stdin=example.stdin)
        async for record in run:
            if isinstance(record, Output):
                stream = sys.stdout if record.stream == "stdout" else sys.stderr
                stream.buffer.write(record.data)
                stream.flush()
            elif isinstance(record, WaitingInput):
                await _answer(kernel, next(answers, None))
        result = await run
    return result.exit_code


async def _answer(kernel: Kernel, answer: str | None) -> None:
    if answer is None:
        await kernel.input_eof()
        return
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()
    await kernel.input(answer)


def _next(language: Language) -> str:
    directory = language.directory.relative_to(language.tree.root) / "examples" / TOUR
    name = language.name
    return f"""
That was {directory / PROGRAM} in a container of polykernel/{name}. Next:

  source .venv/bin/activate
  polykernel run {name} FILE [ARGS...]      your own program; FILE - reads it from stdin
  invoke list                           what languages there are
  invoke build --lang python            build another
  invoke --list                         all that can be done here
  ./test                                check everything"""
