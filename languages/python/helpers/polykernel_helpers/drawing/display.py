"""Where there is somebody who shows pictures: an IPython kernel."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWING = "application/x-sorna-drawing"
SVG = "image/svg+xml"


def notebook_display() -> Callable[..., Any] | None:
    """Return what shows a bundle, or None in a plain program and in IPython's terminal."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    return display if getattr(shell, "kernel", None) is not None else None
