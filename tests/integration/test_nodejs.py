"""JavaScript finds what lies beside it, waits as at a terminal, and knows packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["nodejs"])

BESIDE = {
    "main.js": "",
    "lib/forked.js": "console.log('forked', require('../word').word);",
    "word.js": "exports.word = 'required';",
    "word.mjs": "export const word = 'imported';",
    "node_modules/vendored/index.js": "module.exports = 'vendored';",
}
REQUIRES = """
console.log(require("./word").word, require("vendored"));
import("./word.mjs").then(({ word }) => console.log(word));
"""
IMPORTS = """
import { word } from "./word.mjs";
import vendored from "vendored";
console.log(word, vendored);
"""
FORKS = 'require("node:child_process").fork("lib/forked.js")'
# Each closes, or pauses, what it reads from within what hears of the second line.
QUESTIONS = """
const { createInterface } = require("node:readline");
const user = createInterface({ input: process.stdin, output: process.stdout });
user.question("first? ", (first) => {
    user.question("second? ", (second) => {
        console.log(Number(first) + Number(second));
        user.close();
    });
});
"""
CHUNKS = """
let sum = 0, asked = 0;
const ask = () => process.stdout.write(["first? ", "second? "][asked++]);
process.stdin.on("data", (line) => {
    sum += Number(line);
    if (asked < 2) return ask();
    process.stdin.pause();
    console.log(sum);
});
ask();
"""
READS = """
const { readSync } = require("node:fs");
const line = Buffer.alloc(99);
const ask = (question) => {
    process.stdout.write(question);
    return Number(line.subarray(0, readSync(0, line)));
};
console.log(ask("first? ") + ask("second? "));
"""


async def test_defect_38_node_is_found_and_runs(kernel: Kernel) -> None:
    batch = await kernel.run({"main.js": "console.log(process.execPath)"}, stdin="")
    query = await kernel.query("console.log(process.execPath)", stdin="")

    assert batch.text == query.text == "/usr/bin/node\n"


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        (REQUIRES, "required vendored\nimported\n"),
        (IMPORTS, "imported vendored\n"),
        (FORKS, "forked required\n"),
    ],
)
async def test_a_query_finds_what_lies_in_the_work_directory(
    kernel: Kernel, code: str, printed: str
) -> None:
    await kernel.run(BESIDE, stdin="")
    result = await kernel.query(code, stdin="")

    assert result.text == printed, result.stderr.decode()


@pytest.mark.parametrize("code", [QUESTIONS, CHUNKS, READS])
async def test_who_has_read_enough_ends_though_the_user_may_type_on(
    kernel: Kernel, code: str
) -> None:
    run = kernel.run({"main.js": code})
    said, end = await talk(run, kernel, "20", "22")

    assert said == ["first? ", "?", "second? ", "?", "42\n"]
    assert end.verdict == "ok"


async def test_a_package_that_cannot_be_read_is_told(kernel: Kernel) -> None:
    result = await kernel.run({"package.json": "{", "main.js": ""}, stdin="")

    assert "SyntaxError" in result.stderr.decode()
    assert (result.verdict, result.exit_code) == ("error", 1)
