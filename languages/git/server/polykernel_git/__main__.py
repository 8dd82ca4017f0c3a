from __future__ import annotations

import sys

from polykernel_git.bash import Bash
from polykernel_git.commands import Evaluator
from polykernel_runner.serving import serve

serve(sys.argv[1], Evaluator(Bash()).evaluate)
