"""An evaluation server for tests: Python code in one namespace, with `show(kind, bytes)`."""

from __future__ import annotations

import sys

from serving import serve  # type: ignore[import-not-found]  # lies beside it where tests put it

namespace: dict[str, object] = {}


def evaluate(code: str, show: object) -> int:
    namespace["show"] = show
    exec(compile(code, "query", "exec"), namespace)  # noqa: S102
    return 0


serve(sys.argv[1], evaluate)
