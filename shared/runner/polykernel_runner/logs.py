"""The container's own log, on standard error: for people, or a JSON object a line."""

from __future__ import annotations

import json
import logging
import time

from polykernel_runner.config import LogConfig

# The rest speaks when something is wrong; its debug lines are about itself.
OURS = "polykernel_runner"


def open_log(config: LogConfig) -> None:
    """Have everything that is logged from now on written to standard error."""
    handler = logging.StreamHandler()
    people = logging.Formatter("%(levelname)s %(message)s")
    handler.setFormatter(JsonFormatter() if config.json else people)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger(OURS).setLevel(logging.DEBUG if config.debug else logging.INFO)


class JsonFormatter(logging.Formatter):
    """One line a record, also where its message has several, or a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time (ISO 8601, UTC, milliseconds), level, logger and message."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return json.dumps(
            {
                "time": f"{seconds}.{int(record.msecs):03}Z",
                "level": record.levelname,
                "logger": record.name,
                "message": super().format(record),
            }
        )
