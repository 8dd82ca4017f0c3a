"""Tests of what only root can do, or only somebody else."""

from __future__ import annotations

import pytest

# tests/conftest.py leaves out those that are not for who runs the tests.
as_root = pytest.mark.uid("root")
as_anyone_else = pytest.mark.uid("other")
