"""Where people are spoken to: stderr, in plain lines; and how an error ends a command."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from polykernel_builder.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Iterator

console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

INTERRUPTED = 130


@contextmanager
def guarded() -> Iterator[None]:
    """Turn an error of ours into its text and exit code, and Ctrl-C into 130."""
    try:
        yield
    except BuilderError as error:
        console.print(f"error: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.print("interrupted")
        sys.exit(INTERRUPTED)
