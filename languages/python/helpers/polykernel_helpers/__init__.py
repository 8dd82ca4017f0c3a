"""For programs in the Python image: install packages, and draw (`polykernel_helpers.drawing`)."""

from polykernel_helpers.errors import InstallError
from polykernel_helpers.installing import Installed, install

__all__ = ("InstallError", "Installed", "install")
