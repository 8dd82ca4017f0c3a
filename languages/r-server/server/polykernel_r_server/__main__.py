from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from polykernel_r_server.errors import RServerError
from polykernel_r_server.evaluator import FAILED, Evaluator
from polykernel_runner.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable


def main(socket: str) -> None:
    """Serve queries; where the settings are wrong, each is told so."""
    try:
        evaluator = Evaluator(os.environ)
    except RServerError as error:
        reason = str(error)

        def refuse(_: str, __: Callable[[str, bytes], None]) -> int:
            sys.stderr.write(f"{reason}\n")
            return FAILED

        serve(socket, refuse)
        return
    try:
        serve(socket, evaluator.evaluate)
    finally:
        evaluator.close()


main(sys.argv[1])
