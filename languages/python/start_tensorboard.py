"""Starts TensorBoard, where the user has installed it.

It asks nobody who he is. So it is put below a path that is a secret, and found nowhere else; the
path comes by the environment, since everybody may read a command line.
"""

from __future__ import annotations

import importlib.util
import os
import sys

if importlib.util.find_spec("tensorboard") is None:
    sys.exit(
        "TensorBoard is not installed; install it with `python3 -m pip install --user tensorboard`"
        " (the kernel needs a network for that), or name it in a program's requirements.txt"
    )

from tensorboard.main import run_main

sys.argv.insert(1, f"--path_prefix=/{os.environ['TENSORBOARD_TOKEN']}")
run_main()
