"""The runner's command: reads the configuration, serves the kernel, says why it could not."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from polykernel_runner import config, logs, server
from polykernel_runner.errors import ConfigError
from polykernel_runner.identity import forbid_tracing

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h

MORE = "Everything else is told by the environment and by mounts; see docs/environment.md."

log = logging.getLogger(logs.OURS)


def main() -> int:
    """Serve until told to end; return the exit code."""
    environ = with_options(os.environ, sys.argv[1:])
    in_json = False
    try:
        log_config = config.load_log(environ)
        in_json = log_config.json
        logs.open_log(log_config)
        settings = config.load(environ)
        if settings.user is None:
            forbid_tracing()
        _read_in_large_pieces()
        asyncio.run(server.serve(settings))
    except ConfigError as error:
        if in_json:
            log.critical("%s", error)
        else:
            sys.stderr.write(f"polykernel: {error}\n")
        return EXIT_CONFIG
    except Exception:
        log.critical("the runner failed", exc_info=True)
        return 1
    return 0


def _read_in_large_pieces() -> None:
    """Do not take the processor from a program each time that it has written something.

    Programs stand back behind the runner (nice), so a runner of the usual kind would wake up for
    each little piece, and read at a third of the speed. One of SCHED_BATCH waits for the next tick,
    unless a processor is idle (sched(7)). What it starts is of the usual kind.
    """
    with contextlib.suppress(OSError):  # some engines forbid it
        kind = os.SCHED_BATCH | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, kind, os.sched_param(0))


def with_options(environ: Mapping[str, str], argv: Sequence[str]) -> Mapping[str, str]:
    """Return the environment with what the command line says instead; end where that is wrong."""
    if not argv:
        return environ
    import argparse  # few give options, and everybody waits for a kernel's start

    parser = argparse.ArgumentParser(
        prog="polykernel_runner", description="Serves the kernel of this container.", epilog=MORE
    )
    parser.add_argument("--debug", action="store_true", help="log more (POLYKERNEL_DEBUG=1)")
    parser.add_argument("--log", choices=config.LOG_FORMATS, help="the log's form (POLYKERNEL_LOG)")
    given = parser.parse_args(argv)
    told = {"POLYKERNEL_DEBUG": "1" if given.debug else "", "POLYKERNEL_LOG": given.log}
    return {**environ, **{name: value for name, value in told.items() if value}}
