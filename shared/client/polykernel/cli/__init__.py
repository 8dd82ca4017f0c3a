"""The command `polykernel`."""

from polykernel.cli.main import main

__all__ = ["main"]
