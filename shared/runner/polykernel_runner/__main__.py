"""Loads the runner as quickly as may be, for everybody waits for that, and runs its command."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# What the standard library and pyzmq take along and the runner hardly ever needs: 1 MB.
_SELDOM = ("ast", "asyncio.sslproto", "locale", "ntpath", "random", "textwrap", "tokenize")


class _Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        import importlib

        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _postponed() -> Iterator[None]:
    """Leave out, while the block loads modules, what they take along and do not use at once.

    (importlib.util.LazyLoader loads as soon as a second module imports the same.)
    """
    standing = {name: _Later(name) for name in _SELDOM if name not in sys.modules}
    sys.modules.update(standing)
    # asyncio takes OpenSSL along where it finds it: 4 MB, and the runner's own sockets need no TLS.
    sys.modules["ssl"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["ssl"]
        for name, module in standing.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def main() -> int:
    """Serve a kernel; return the exit code."""
    gc.disable()  # nothing of what is loaded is garbage
    with _postponed():
        from polykernel_runner import command
    gc.freeze()
    gc.enable()
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
