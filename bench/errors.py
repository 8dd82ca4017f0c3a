"""What can go wrong while measuring."""

from __future__ import annotations

from polykernel_builder.errors import BuilderError


class BenchError(BuilderError):
    """A side does not do what is measured, or what was typed cannot be measured."""


class SlowerError(BenchError):
    """A ratio has fallen by more than is allowed; the text has them all."""

    exit_code = 2
