"""A new language's directory, small but whole: it builds and passes at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.errors import UsageError

if TYPE_CHECKING:
    from polykernel_builder.catalog import Tree

TEMPLATE = Path(__file__).parent / "templates" / "language"
NAME_MARK = "@name@"


def new_language(tree: Tree, name: str) -> Path:
    """Make `languages/<name>` and return it. Raises UsageError for a name that cannot be used."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError(f"{name!r} cannot name an image: use a-z, 0-9 and single hyphens")
    directory = tree.root / "languages" / name
    if directory.exists() or name in tree.images:
        raise UsageError(f"{name!r} is taken; choose another name")
    for source in sorted(TEMPLATE.rglob("*")):
        if source.is_file():
            target = directory / source.relative_to(TEMPLATE)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8").replace(NAME_MARK, name)
            target.write_text(text, encoding="utf-8")
    return directory
