"""Rust: what runs is what Cargo has built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from driving.kernels import Fresh

pytestmark = pytest.mark.parametrize("lang", ["rust"])

PACKAGE = '[package]\nname = "{0}"\nversion = "0.1.0"\nedition = "2024"\n'
MAIN = 'fn main() {{ println!("{0}"); }}'
# Programs of another build, where the original would look for one.
LEAVE_OTHERS = """
mkdir -p target/debug target/release
for program in target/debug/other target/release/other; do
    printf '#!/bin/sh\necho another\n' >$program && chmod +x $program
done
"""


async def test_defect_40_what_runs_is_what_cargo_has_built(fresh: Fresh) -> None:
    def package(name: str) -> dict[str, str]:
        return {"Cargo.toml": PACKAGE.format(name), "src/main.rs": MAIN.format(name)}

    async with fresh() as kernel:
        await kernel.run(exec=LEAVE_OTHERS, build=False, stdin="")
        first = await kernel.run(package("first"), keep=True, stdin="")
        again = await kernel.run(build=False, stdin="")
        second = await kernel.run(package("second"), keep=True, stdin="")
        library = {"Cargo.toml": PACKAGE.format("third"), "src/lib.rs": ""}
        third = await kernel.run(library, stdin="")

    texts = [result.text for result in (first, again, second, third)]
    assert texts == ["first\n", "first\n", "second\n", ""]
    assert third.verdict == "skipped"
    assert "a bin target must be available" in third.stderr.decode()
