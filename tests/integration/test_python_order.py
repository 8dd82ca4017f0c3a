"""What a query prints, what its children print and what it shows keep one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel import Html, Output

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["python"])


async def test_what_is_printed_run_and_shown_comes_in_one_order(kernel: Kernel) -> None:
    code = """
import os
from IPython.display import HTML, display
for n in range(30):
    print('a', n)
    os.system(f'echo b {n}')
    display(HTML(f'<i>{n}</i>'))
    os.write(1, b'c\\n')
"""
    seen: list[str] = []
    async for record in kernel.query(code):
        if isinstance(record, Output):
            seen += record.data.decode().splitlines()
        elif isinstance(record, Html):
            seen.append(record.text)

    expected = [[f"a {n}", f"b {n}", f"<i>{n}</i>", "c"] for n in range(30)]
    assert seen == [line for lines in expected for line in lines]
