"""The names of the original's helper package, for programs that were written for it."""

from ai.backend.helpers.package import install

__all__ = ("install",)
