"""`invoke push`, as it is typed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Typed:
    """What came of an `invoke` command."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The error, which is the last line and nothing but a line."""
        assert "Traceback" not in self.err, self.err
        return self.err.splitlines()[-1]


def push(*words: str, config: Path | None = None) -> Typed:
    variables = dict(os.environ)
    if config is not None:
        variables["DOCKER_CONFIG"] = str(config)
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "push", *words],
        cwd=Tree.here().root,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return Typed(done.returncode, done.stdout, done.stderr)
