"""What a Haskell program is called, and how it talks with who types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk, until_printed

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["haskell"])

NAMES = (
    "main.hs",
    "Main.hs",
    "of mine.hs",
    "a 'quote' and \"two\".hs",
    "$(touch gone); `false`.hs",
)
TELLS = """
import Control.Concurrent
main = putStrLn "told" >> threadDelay maxBound
"""


@pytest.mark.parametrize("name", NAMES)
async def test_defect_39_a_program_may_be_called_anything(kernel: Kernel, name: str) -> None:
    result = await kernel.run({name: "main = print (6 * 7)"}, stdin="")

    assert (result.text, result.verdict) == ("42\n", "ok"), result.stderr.decode()


async def test_a_module_beside_main_hs_is_no_program(kernel: Kernel) -> None:
    files = {"Main.hs": "import Six\nmain = print (six * 7)", "Six.hs": "module Six where\nsix = 6"}
    result = await kernel.run(files, stdin="")

    assert (result.text, result.verdict) == ("42\n", "ok"), result.stderr.decode()


async def test_without_a_main_nothing_of_before_is_run(kernel: Kernel) -> None:
    await kernel.run({"main.hs": 'main = putStrLn "before"'}, stdin="")
    for code in ("six = 6", "module Six where\nsix = 6"):
        result = await kernel.run({"main.hs": code}, stdin="")

        assert (result.text, result.verdict) == ("", "skipped")
        assert "main" in result.stderr.decode().lower()


@pytest.mark.parametrize("flags", ["", "-threaded"])
async def test_each_line_is_answered_as_it_is_typed(kernel: Kernel, flags: str) -> None:
    code = 'main = interact (unlines . map reverse . takeWhile (/= "") . lines)'
    run = kernel.run({"main.hs": code}, env={"GHCFLAGS": flags})
    said, end = await talk(run, kernel, "olleh", "größer", "")

    assert (said, end.verdict) == (["?", "hello\n", "?", "reßörg\n", "?"], "ok")


@pytest.mark.parametrize("mode", ["batch", "query"])
async def test_a_line_is_shown_at_once_where_somebody_types(kernel: Kernel, mode: str) -> None:
    run = kernel.run({"main.hs": TELLS}) if mode == "batch" else kernel.query(TELLS)
    await until_printed(run, "told\n")

    await kernel.interrupt()
    assert (await run).verdict == "interrupted"


async def test_standard_input_is_a_file_descriptor_as_ever(kernel: Kernel) -> None:
    code = """
import GHC.IO.Handle
import System.IO
import System.Posix.IO
main = do
  same <- hDuplicate stdin
  putStr "? " >> hGetLine same >>= putStrLn
  handleToFd stdin >>= print
"""
    said, end = await talk(kernel.run({"main.hs": code}), kernel, "Ada")

    assert (said, end.verdict) == (["? ", "?", "Ada\n0\n"], "ok"), said


async def test_a_query_prints_lines_and_not_letters(kernel: Kernel) -> None:
    result = await kernel.query("import System.IO\nmain = hGetBuffering stdout >>= print", stdin="")

    assert result.text == "LineBuffering\n", result.stderr.decode()


async def test_arguments_for_ghcs_runtime_are_the_programs_own(kernel: Kernel) -> None:
    given = ["+RTS", "-s", "--RTS"]
    code = "import System.Environment\nmain = getArgs >>= mapM_ putStrLn"
    for result in (
        await kernel.run({"main.hs": code}, args=given, stdin=""),
        await kernel.query(code, args=given, stdin=""),
    ):
        assert (result.text.split(), result.verdict) == (given, "ok"), result.stderr.decode()
