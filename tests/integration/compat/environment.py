"""The Backend.AI agent's own environment: Python 3.12 and what requirements/compat.lock says."""

from __future__ import annotations

from polykernel_builder.environments import Environment, pythons

AGENT = Environment("compat", "the Backend.AI agent")

NOT_FOUND = (
    "the compatibility test with PyPI's backend.ai-agent was not run: it needs a Python 3.12, and "
    "none is on PATH, in pyenv or known to uv"
)


def find_python() -> str | None:
    """Return a Python 3.12 that works, or None where this machine has none."""
    return next(pythons("3.12"), None)
