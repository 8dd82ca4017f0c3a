"""Small trees with a history: real git repositories."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from support.trees import DOCKERFILE, MANIFEST, small_tree, write

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree

LAUNCHED = f"{DOCKERFILE}COPY --from=polykernel/launcher:latest /launch /bin/\n"
FILES = {
    ".gitignore": "vendor/\n__pycache__/\n",
    "README.md": "what this is\n",
    "docs/page.md": "more\n",
    "pyproject.toml": "",
    "shared/client/polykernel/__init__.py": "",
    "shared/builder/polykernel_builder/vendor.py": "",
    "tests/unit/test_it.py": "",
    "tests/integration/test_it.py": "",
    "shared/runner/requirements.lock": "a==1\n",
    "shared/runner/requirements-jupyter.lock": "b==1\n",
    "shared/runner/launcher/main.c": "int main(void) {}\n",
    "images/base/image.toml": (
        'title = "base"\ndescription = "the base"\n'
        '[vendor]\nwheels = "shared/runner/requirements.lock"\n'
    ),
    "images/launcher/Dockerfile": "FROM debian:trixie-slim\nCOPY vendor ./\n",
    "images/launcher/image.toml": (
        'title = "launcher"\ndescription = "the launcher"\n'
        '[vendor]\nfiles = ["shared/runner/launcher/*.c"]\n'
    ),
    "images/server/Dockerfile": "FROM debian:trixie-slim\n",
    "images/server/image.toml": 'title = "server"\ndescription = "for tests"\n',
    # `tiny` as it is; `book` asks for Jupyter; `big` builds on `tiny`; `fast` is launched.
    "languages/tiny/conformance.toml": "",
    "languages/book/Dockerfile": DOCKERFILE,
    "languages/book/language.toml": f"jupyter = true\n{MANIFEST}",
    "languages/book/language.py": 'name = "book"\n',
    "languages/book/requirements.lock": "c==1\n",
    "languages/big/Dockerfile": "FROM polykernel/tiny:latest\nCOPY vendor/rootfs /\n",
    "languages/big/language.toml": MANIFEST,
    "languages/big/language.py": 'name = "big"\n',
    "languages/fast/Dockerfile": LAUNCHED,
    "languages/fast/language.toml": f"builtin-services = []\n{MANIFEST}",
    "languages/fast/language.py": 'name = "fast"\n',
}
LANGUAGES = {"big", "book", "fast", "tiny"}


class Repository:
    """A small tree of several images and languages, all of it committed to `main`."""

    def __init__(self, root: Path) -> None:
        self.tree: Tree = small_tree(root)
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit(FILES)

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        """Commit these and whatever else has changed; return the commit."""
        write(self.root, files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=more")
        return self.git("rev-parse", "HEAD")
