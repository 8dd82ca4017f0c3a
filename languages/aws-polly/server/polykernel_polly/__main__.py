from __future__ import annotations

import sys

from polykernel_polly.speech import Speaker
from polykernel_runner.serving import serve

serve(sys.argv[1], Speaker().evaluate)
