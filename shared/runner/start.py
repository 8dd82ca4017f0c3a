"""Starts the runner in an image, without the second look at all that Python's `site` takes."""

import sys

HOME = "/opt/polykernel"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"

sys.path += [f"{HOME}/lib", f"{HOME}/env/lib/{PYTHON}/site-packages"]

from polykernel_runner.__main__ import main  # noqa: E402 - found by the path that was just set

sys.exit(main())
