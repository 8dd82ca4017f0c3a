"""Puts the user's dotfiles into the home directory, and nothing anywhere else."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from polykernel_runner.config_mount import Dotfile
from polykernel_runner.identity import Identity, acting_as
from polykernel_runner.workspace import put

NEW_DIRECTORY = 0o755

log = logging.getLogger(__name__)


def write(dotfiles: Iterable[Dotfile], home: Path, user: Identity | None) -> None:
    """Write files with the user's rights; one that cannot be written is left out and logged."""
    with acting_as(user):
        for dotfile in dotfiles:
            try:
                _write(dotfile, os.path.realpath(home))
            except (OSError, ValueError) as error:
                log.warning("the dotfile %r is left out: %s", dotfile.path, error)


def _write(dotfile: Dotfile, home: str) -> None:
    data = dotfile.text.encode()
    path = _place(dotfile.path, home)
    directory = home
    for name in os.path.relpath(path, home).split(os.sep)[:-1]:
        directory = os.path.join(directory, name)
        try:
            os.mkdir(directory)
        except FileExistsError:
            continue
        os.chmod(directory, NEW_DIRECTORY)
    put(path, data, dotfile.mode)


def _place(path: str, home: str) -> str:
    """Return where a file belongs whose path is plain, absolute, or begins with `~/`.

    Raises:
        ValueError: it is not a place in the home directory.
    """
    if ".." in path.split("/"):
        raise ValueError("'..' has no place in its path")
    if path == "~" or path.startswith("~/"):
        path = path[1:].lstrip("/")
    place = os.path.realpath(os.path.join(home, path))
    if os.path.commonpath((home, place)) != home:
        raise ValueError(f"its path leads out of {home}")
    if place == home:
        raise ValueError("its path names no file")
    return place
