"""The runner's command: reads the configuration, serves the kernel, says why it could not."""

from __future__ import annotations

import logging
import os
import sys

import uvloop

from polykernel_runner import config, server
from polykernel_runner.errors import ConfigError
from polykernel_runner.identity import forbid_tracing

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h


def main() -> int:
    """Serve until told to end; return the exit code."""
    try:
        settings = config.load(os.environ)
        if settings.user is None:
            forbid_tracing()
        logging.basicConfig(
            level=logging.DEBUG if settings.debug else logging.INFO,
            format="%(levelname)s %(message)s",
        )
        uvloop.run(server.serve(settings))
    except ConfigError as error:
        sys.stderr.write(f"polykernel: {error}\n")
        return EXIT_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
