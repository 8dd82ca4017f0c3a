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
    seen = ""
    async for record in kernel.query(code):
        if isinstance(record, Output):
            seen += record.data.decode()
        elif isinstance(record, Html):
            seen += f"{record.text}\n"

    assert seen == "".join(f"a {n}\nb {n}\n<i>{n}</i>\nc\n" for n in range(30))
