"""What can go wrong, in words for who sent the query."""

from __future__ import annotations


class RServerError(Exception):
    """The R Server does not do what was asked of it, or is not there."""


class SessionGoneError(RServerError):
    """The R Server does not know the session any more."""
