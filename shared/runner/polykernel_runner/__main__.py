"""Loads the runner as quickly as may be, for everybody waits for that, and runs its command."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Serve a kernel; return the exit code."""
    gc.disable()  # nothing of what is loaded is garbage
    # asyncio takes OpenSSL along where it finds it: 4 MB, and the runner's own sockets need no TLS.
    sys.modules["ssl"] = None  # type: ignore[assignment]
    import asyncio  # noqa: F401

    del sys.modules["ssl"]
    from polykernel_runner import command

    gc.freeze()
    gc.enable()
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
