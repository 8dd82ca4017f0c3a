"""Images hold nothing that only fills them, and no compiler that their language does not need."""

from __future__ import annotations

import posixpath
import re
from functools import cache

import pytest

from driving.containers import docker, image
from polykernel_builder.catalog import Tree

pytestmark = pytest.mark.parametrize("lang", sorted(Tree.here().languages))

LEFTOVERS = {
    "lists of packages": r"/var/lib/apt/lists/.",
    "packages": r"/var/cache/apt/.",
    "caches": r"/(?:root|home/[^/]+)/\.(?:cache|cargo|local|m2|npm)/|/var/cache/ldconfig/.",
    "temporary files": r"/(?:var/)?tmp/.",
    "manuals": r"/usr/(?:local/)?share/(?:man|info|gtk-doc)/.",
    "documentation": r"/usr/share/doc/(?!.*/copyright$)",
    "logs": r"/var/log/.",
    "what there was before": r"/etc/(?:passwd|shadow|group|gshadow|subuid|subgid)-$|.*-old$",
}
# A linker is a part of GCC's: Rust and Haskell have no other. Java's compiler is asked at run time.
C = {"c", "cpp", "haskell", "rust"}
COMPILERS = {
    r"cc|gcc|cpp|cc1|collect2|lto1|as|ld(?:\.bfd|\.gold)?": C,
    r"c\+\+|g\+\+|cc1plus|cmake": {"cpp"},
    r"make": {"c", "cpp"},
    r"tcc": {"c"},
    r"rustc|cargo": {"rust"},
    r"ghc": {"haskell"},
    r"javac": {"java"},
    r"clang|clang\+\+|gfortran|f951|musl-gcc": set[str](),
}
PROGRAMS = "f,l"


@cache
def files(lang: str, kinds: str = "f") -> tuple[str, ...]:
    """The paths of all such files that are not empty; `l` among `kinds` are symbolic links."""
    find = ["find", "/", "-xdev", "-type", kinds, "-size", "+0", "-print0"]
    with docker() as client:
        found = client.containers.run(
            image(lang), entrypoint=find, command=[], user="0", network_disabled=True, remove=True
        )
    return tuple(found.decode(errors="replace").split("\0")[:-1])


def test_nothing_is_left_of_how_it_was_made(lang: str) -> None:
    left = {
        what: [path for path in files(lang) if re.match(pattern, path)]
        for what, pattern in LEFTOVERS.items()
    }
    assert {what: paths for what, paths in left.items() if paths} == {}


def test_no_program_gives_its_caller_another_s_rights(lang: str) -> None:
    find = ["find", "/", "-xdev", "-type", "f", "-perm", "/6000", "-print"]
    with docker() as client:
        found = client.containers.run(
            image(lang), entrypoint=find, command=[], user="0", network_disabled=True, remove=True
        )
    assert found.decode() == ""


def test_there_is_no_compiler_that_the_language_does_not_need(lang: str) -> None:
    names = "|".join(pattern for pattern, needing in COMPILERS.items() if lang not in needing)
    # Such as x86_64-linux-gnu-gcc-14.
    program = re.compile(rf"(?:\w+-linux-gnu-)?(?:{names})(?:-\d+)?")
    programs = [path for path in files(lang, PROGRAMS) if re.search(r"/(?:s?bin|libexec)/", path)]
    assert [path for path in programs if program.fullmatch(posixpath.basename(path))] == []


def test_the_compiler_that_the_language_needs_is_there(lang: str) -> None:
    names = {posixpath.basename(path) for path in files(lang, PROGRAMS)}
    for pattern, needing in COMPILERS.items():
        if lang in needing:
            assert any(re.fullmatch(pattern, name) for name in names), pattern
