"""The command `polykernel`, as this environment has it."""

from __future__ import annotations

import sys

COMMAND = (sys.executable, "-c", "import sys; from polykernel.cli import main; sys.exit(main())")
