"""What programs say, are given, and end with."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from driving.conformance.subject import BYTES, HELLO, UTF_8, is_fine
from driving.kernels import talk
from polykernel import WaitingInput

if TYPE_CHECKING:
    from driving.conformance.subject import Subject

ARGUMENTS = ("a b", "", "ключ", 'a "b" $c', "--help")
NAME = "größer 'als' \"東京\""
BUILD_FAILED = 127


async def hello(subject: Subject) -> None:
    result = await subject.run("hello")
    about = await subject.kernel.hello()

    is_fine(result, HELLO)
    assert result.stderr == b""
    assert subject.is_kept(result)
    assert about.language_version
    assert subject.mode in about.features
    assert ("state" in about.features) == (subject.conformance.state is not None)
    assert ("completion" in about.features) == (subject.conformance.completion is not None)


async def arguments(subject: Subject) -> None:
    result = await subject.run("args", args=ARGUMENTS)

    is_fine(result, "".join(f"[{argument}]\n" for argument in ARGUMENTS))


async def stdin_given(subject: Subject) -> None:
    is_fine(await subject.run("stdin", stdin="20\n22\n"), "? ? 42\n")


async def stdin_live(subject: Subject) -> None:
    said, end = await talk(subject.start("stdin"), subject.kernel, "20", "22")

    assert said == ["? ", "?", "? ", "?", "42\n"]
    assert end.verdict == "ok"


async def stdin_ended(subject: Subject) -> None:
    given = await subject.run("stdin")
    run = subject.start("stdin")
    asked = 0
    async for record in run:
        if isinstance(record, WaitingInput):
            asked += 1
            await run.input_eof()

    assert given.verdict in {"ok", "error", "signal"}
    assert (asked, (await run).verdict) == (1, given.verdict)


async def exit_code(subject: Subject) -> None:
    result = await subject.run("exit")

    words = result.stderr.decode()
    assert result.text == "out\n"
    # Where earlier queries are kept, whoever keeps them may add how to leave.
    assert words.startswith("err\n") if subject.keeps else words == "err\n"
    assert (result.verdict, result.exit_code) == ("error", 3)


async def error(subject: Subject) -> None:
    fine = await subject.run("hello")
    result = await subject.run("error")

    assert result.stdout == b"", "nothing is run, least of all what was built before"
    assert result.stderr.strip()
    assert (result.build is None) == (fine.build is None)
    if result.build is None:
        assert (result.verdict, result.exit_code > 0) == ("error", True)
    else:
        assert (result.build.verdict, result.build.exit_code > 0) == ("error", True)
        assert (result.verdict, result.exit_code) == ("skipped", BUILD_FAILED)


async def binary(subject: Subject) -> None:
    result = await subject.run("binary")

    assert (result.stdout, result.verdict) == (BYTES, "ok"), result.stderr.decode()


async def utf_8(subject: Subject) -> None:
    is_fine(await subject.run("utf-8"), UTF_8)


async def utf_8_name(subject: Subject) -> None:
    name = NAME + PurePath(subject.conformance.file).suffix

    is_fine(await subject.run("utf-8", name=name), UTF_8)


async def modules(subject: Subject) -> None:
    is_fine(await subject.kernel.run(subject.conformance.modules, stdin=""), "modules\n")


async def no_leftovers(subject: Subject) -> None:
    files = subject.conformance.modules
    first = next(iter(files))
    await subject.kernel.run(files, stdin="")
    result = await subject.kernel.run({first: files[first]}, stdin="")

    assert result.verdict in {"error", "skipped", "refused"}, "it found what is no part of it"
    assert result.text == ""
