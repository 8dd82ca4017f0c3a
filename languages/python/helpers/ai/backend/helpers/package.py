"""`install` with the original's names of its parameters."""

from __future__ import annotations

import polykernel_helpers

__all__ = ("install",)


def install(
    pkgname: str,
    force_install: bool = False,  # noqa: FBT001, FBT002
) -> polykernel_helpers.Installed:
    """See `polykernel_helpers.install`."""
    return polykernel_helpers.install(pkgname, force=force_install)
