"""What is PHP's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from polykernel import Kernel


@pytest.mark.parametrize("lang", ["php"])
@pytest.mark.parametrize("tag", ["", "<?php ", "<?php\n"])
async def test_defect_41_lines_are_the_users_with_and_without_the_opening_tag(
    kernel: Kernel, tag: str
) -> None:
    result = await kernel.query(f'{tag}echo __LINE__, "\\n";\n\nundefined();\n', stdin="")

    line = 1 + tag.count("\n")
    assert result.text == f"{line}\n"
    assert f"main.php:{line + 2}" in result.stderr.decode()
    assert (result.verdict, result.exit_code) == ("error", 255)
