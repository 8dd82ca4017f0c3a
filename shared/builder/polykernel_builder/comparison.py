"""What differs between two images that should be the same."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice, zip_longest
from typing import IO, TYPE_CHECKING

from polykernel_builder.labels import BASE_DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from polykernel_builder.image_config import ImageConfig
    from polykernel_builder.layers import Entry, ImageContent

CONTENT = "content"
# More than this of a text is shown as bytes are.
LONGEST_TEXT = 1 << 20
EXCERPT_LINES, EXCERPT_WIDTH = 8, 160
CHUNK = 1 << 20

_COPIED = re.compile(r"\b(file|dir|multi):[0-9a-f]{64}\b")
# The base's id has in it when the base was built.
_BASE_DIGEST = re.compile(rf"{re.escape(BASE_DIGEST)}=\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`path` is a file's, or a part of the configuration, such as `config Env`."""

    path: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDifference:
    """A glob on paths, whose `*` matches slashes too, and why such differ in each build."""

    path: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        return fnmatchcase(difference.path, self.path)


def compare(first: ImageContent, second: ImageContent) -> list[Difference]:
    """All differences but those of times; files first, by path."""
    return [
        *_compare_files(first.files(), second.files()),
        *_compare_configs(first.config, second.config),
    ]


def _compare_files(first: Mapping[str, Entry], second: Mapping[str, Entry]) -> Iterator[Difference]:
    for path in sorted(first.keys() | second.keys()):
        one, other = first.get(path), second.get(path)
        if one is None or other is None:
            where = "second" if one is None else "first"
            yield Difference(path=path, kind=f"only in the {where}")
        else:
            yield from _compare_entries(one, other)


def _compare_entries(one: Entry, other: Entry) -> Iterator[Difference]:
    aspects = {
        "type": (one.kind, other.kind),
        "mode": (oct(one.mode), oct(other.mode)),
        "owner": (f"{one.uid}:{one.gid}", f"{other.uid}:{other.gid}"),
        "link": (one.link, other.link),
        "extended attributes": (str(one.xattrs), str(other.xattrs)),
    }
    for kind, (left, right) in aspects.items():
        if left != right:
            yield Difference(path=one.path, kind=kind, detail=f"{left} and {right}")
    if one.kind == other.kind and one.digest != other.digest:
        yield Difference(path=one.path, kind=CONTENT)


def _compare_configs(first: ImageConfig, second: ImageConfig) -> Iterator[Difference]:
    yield from _compare_texts("config", first.settings, second.settings)
    labels = [
        {name: value for name, value in config.labels.items() if name != BASE_DIGEST}
        for config in (first, second)
    ]
    yield from _compare_texts("label", labels[0], labels[1])
    histories = [[_lasting(step.command) for step in config.history] for config in (first, second)]
    for number, (left, right) in enumerate(zip_longest(*histories, fillvalue="nothing"), 1):
        if left != right:
            yield Difference(path=f"history {number}", kind="step", detail=f"{left} and {right}")


def _compare_texts(
    what: str, first: Mapping[str, str], second: Mapping[str, str]
) -> Iterator[Difference]:
    for name in sorted(first.keys() | second.keys()):
        left, right = (texts.get(name, "nothing") for texts in (first, second))
        if left != right:
            yield Difference(path=f"{what} {name}", kind="value", detail=f"{left} and {right}")


def _lasting(command: str) -> str:
    """A step without what stands for files, which are compared themselves."""
    return _BASE_DIGEST.sub(f"{BASE_DIGEST}=...", _COPIED.sub(r"\1:...", command))


def excerpt(first: IO[bytes], second: IO[bytes]) -> list[str]:
    """How two contents differ: lines of a text, else how many bytes and where."""
    heads = [stream.read(LONGEST_TEXT + 1) for stream in (first, second)]
    left, right = (_lines(head) for head in heads)
    if left is not None and right is not None and left != right:
        diff = list(islice(difflib.unified_diff(left, right, lineterm="", n=0), 2, None))
        shown = [line[:EXCERPT_WIDTH] for line in diff[:EXCERPT_LINES]]
        more = len(diff) - len(shown)
        return [*shown, *([f"and {more} lines more"] if more else [])]
    return [_count(_pieces(heads[0], first), _pieces(heads[1], second))]


def _lines(data: bytes) -> list[str] | None:
    if len(data) > LONGEST_TEXT or b"\0" in data:
        return None
    try:
        return data.decode().splitlines()
    except UnicodeDecodeError:
        return None


def _pieces(head: bytes, rest: IO[bytes]) -> Iterator[bytes]:
    # Both sides in pieces of the same sizes.
    yield head
    yield from iter(lambda: rest.read(CHUNK), b"")


def _count(first: Iterable[bytes], second: Iterable[bytes]) -> str:
    differing, start = 0, None
    sizes = [0, 0]
    for left, right in zip_longest(first, second, fillvalue=b""):
        if left != right:
            common = min(len(left), len(right))
            changed = _xor(left[:common], right[:common])
            if start is None:
                start = sizes[0] + len(changed) - len(changed.lstrip(b"\0"))
            differing += max(len(left), len(right)) - changed.count(0)
        sizes = [sizes[0] + len(left), sizes[1] + len(right)]
    lengths = f"{sizes[0]}" if sizes[0] == sizes[1] else f"{sizes[0]} and {sizes[1]}"
    return f"{differing} of {lengths} bytes differ, first at offset {start}"


def _xor(left: bytes, right: bytes) -> bytes:
    """Zero where two contents of one length are the same; in one go, for loops are slow."""
    number = int.from_bytes(left, "big") ^ int.from_bytes(right, "big")
    return number.to_bytes(len(left), "big")
