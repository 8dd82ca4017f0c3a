"""The runner: what serves a kernel's sockets inside its container."""

__version__ = "0.1.0"
