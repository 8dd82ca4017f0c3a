"""Nothing that images are made of, and nothing that makes them, is for one kind of machine."""

from __future__ import annotations

import re
import subprocess

from polykernel_builder.catalog import Tree

ROOT = Tree.here().root
NAMED = re.compile(
    r"x86[-_]64|amd64|aarch64|arm64|armhf|armv[78]|i[3-6]86|linux-gnu|ld-linux|-m(?:64|32|arch)\b",
    re.IGNORECASE,
)
ALLOWED = {
    "shared/builder/polykernel_builder/platforms.py": "the table of platforms",
    "shared/client/polykernel/seccomp.json": "the architectures whose system calls it names",
    "languages/julia/Dockerfile": "a comment with the name of an official archive, for example",
}


def test_architectures_are_named_where_there_is_a_reason() -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*command, "images", "languages", "shared"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")[:-1]
    assert "images/base/Dockerfile" in listed
    naming = {
        name
        for name in listed
        if NAMED.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    }
    assert naming == set(ALLOWED)
