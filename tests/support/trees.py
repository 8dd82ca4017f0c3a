"""A small tree laid out like the clone: an image and a language that builds on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
title = "Tiny"
description = "A tiny language"
modes = ["batch", "query"]

[version]
command = ["tiny", "--version"]
pattern = 'tiny (\\S+)'

[resources]
min-cpu = 1
min-memory = "256m"

[runtime]
type = "tiny"
path = "/usr/bin/tiny"
"""
DOCKERFILE = "FROM polykernel/base:latest\nCOPY vendor/rootfs /\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def small_tree(root: Path) -> Tree:
    """An image and a language that builds on it, below `root`."""
    write(
        root,
        {
            "images/base/Dockerfile": "FROM debian:trixie-slim\n",
            "images/base/image.toml": 'title = "base"\ndescription = "the base"\n',
            "languages/tiny/Dockerfile": DOCKERFILE,
            "languages/tiny/language.toml": MANIFEST,
            "languages/tiny/language.py": 'name = "tiny"\n',
            "languages/tiny/service-defs/web.json": "{}",
            "languages/tiny/examples/tour/case.toml": (
                'title = "Tour"\nmodes = ["batch"]\nstdout = "hi\\n"\n'
            ),
            "languages/tiny/examples/tour/program/main.tiny": "say hi",
            "shared/runner/entrypoint.sh": "#!/bin/sh\n",
            "shared/runner/start.py": "",
            "shared/runner/service-defs/sshd.json": '{"command": ["dropbear"]}',
            "shared/runner/service-defs/ttyd.json": '{"command": ["ttyd"]}',
            "shared/runner/polykernel_runner/__init__.py": "",
            "shared/runner/polykernel_runner/part/__init__.py": "x = 1\n",
            "shared/runner/polykernel_runner/part/__pycache__/junk.pyc": "junk",
        },
    )
    return Tree(root)
