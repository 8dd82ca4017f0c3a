"""What can go wrong."""


class InstallError(RuntimeError):
    """A package could not be installed; the text says why, with pip's last lines."""
