from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from polykernel_builder.comparison import Difference, KnownDifference, compare, excerpt
from polykernel_builder.errors import DefinitionError
from polykernel_builder.verify import judge, report
from support.archives import Made, image
from support.trees import MANIFEST, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel_builder.catalog import Tree


def differences(one: Mapping[str, Made | bytes], other: Mapping[str, Made | bytes]) -> list[str]:
    found = compare(image([one]), image([other]))
    return [f"{each.path}: {each.kind}: {each.detail}" for each in found]


def of_configs(one: dict[str, Any], other: dict[str, Any]) -> list[Difference]:
    return compare(image([], one), image([], other))


def test_times_do_not_count() -> None:
    assert differences({"a": Made(content=b"", mtime=1)}, {"a": Made(content=b"", mtime=2)}) == []


def test_each_kind_of_difference_is_named() -> None:
    assert differences({"a": b"1"}, {"a": b"2"}) == ["/a: content: "]
    assert differences({"a": b"1"}, {"b": b"1"}) == [
        "/a: only in the first: ",
        "/b: only in the second: ",
    ]
    modes = (Made(content=b"", mode=0o600), Made(content=b"", mode=0o644))
    assert differences({"a": modes[0]}, {"a": modes[1]}) == ["/a: mode: 0o600 and 0o644"]
    assert differences({"a": Made(uid=0)}, {"a": Made(uid=7)}) == ["/a: owner: 0:0 and 7:0"]
    assert differences({"a": Made(symlink="b")}, {"a": Made(symlink="c")}) == ["/a: link: b and c"]
    assert differences({"a": Made()}, {"a": Made(symlink="c")}) == [
        "/a: type: directory and symlink",
        "/a: link:  and c",
    ]
    (line,) = differences({"a": Made(xattrs={"user.x": "1"})}, {"a": Made()})
    assert line.startswith("/a: extended attributes: ")


def test_what_a_lower_layer_had_does_not_count() -> None:
    assert compare(image([{"a": b"1"}, {"a": b"3"}]), image([{"a": b"2"}, {"a": b"3"}])) == []


def test_how_containers_start_is_compared() -> None:
    (found,) = of_configs({"Cmd": ["a"], "Env": ["X=1"]}, {"Cmd": ["a"], "Env": ["X=2"]})
    assert (found.path, found.detail) == ("config Env", '["X=1"] and ["X=2"]')
    (found,) = of_configs({"Labels": {"x": "1"}}, {"Labels": {}})
    assert (found.path, found.detail) == ("label x", "1 and nothing")


def test_the_bases_id_does_not_count() -> None:
    name = "org.opencontainers.image.base.digest"
    assert of_configs({"Labels": {name: "1"}}, {"Labels": {name: "2"}}) == []
    one, other = (
        image([], history=[{"created_by": f"LABEL {name}={digest}", "empty_layer": True}])
        for digest in ("sha256:1", "sha256:2")
    )
    assert compare(one, other) == []


def test_steps_are_compared_but_for_what_stands_for_files() -> None:
    def copied(digit: str, to: str) -> list[Difference]:
        steps = [f"COPY dir:{'0' * 64} in /a", f"COPY dir:{digit * 64} in {to}"]
        one, other = (image([], history=[{"created_by": step}]) for step in steps)
        return compare(one, other)

    assert copied("1", "/a") == []
    (found,) = copied("1", "/b")
    assert found.path == "history 1"


def test_texts_are_told_by_lines() -> None:
    one, other = (io.BytesIO(b"same\nat %d\n" % number) for number in (1, 2))
    assert excerpt(one, other) == ["@@ -2 +2 @@", "-at 1", "+at 2"]
    long = [io.BytesIO(b"%d\n" % number * 100) for number in (1, 2)]
    assert excerpt(*long)[-1] == "and 193 lines more"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (b"\0abcd", b"\0abXY", "2 of 5 bytes differ, first at offset 3"),
        (b"\0ab", b"\0abcd", "2 of 3 and 5 bytes differ, first at offset 3"),
        (b"x" * 5_000_000 + b"ab", b"x" * 5_000_000 + b"cb", "1 of 5000002 bytes differ, first at"),
        (b"line\n", b"line", "1 of 5 and 4 bytes differ, first at offset 4"),
    ],
)
def test_other_contents_are_told_by_bytes(one: bytes, other: bytes, told: str) -> None:
    (line,) = excerpt(io.BytesIO(one), io.BytesIO(other))
    assert line.startswith(told)


def test_known_differences_are_told_with_their_reason(tree: Tree) -> None:
    known = '[[differences]]\npath = "/opt/*.aot"\nreason = "trained anew"\n'
    unseen = '[[differences]]\npath = "/gone"\nreason = "it was so"\n'
    write(tree.root, {"languages/tiny/language.toml": f"{MANIFEST}{known}{unseen}"})
    found = [Difference(path="/opt/a/b.aot", kind="content"), Difference(path="/x", kind="mode")]
    verdict = judge(tree, tree.language("tiny"), found)

    assert verdict.unknown == (found[1],)
    assert verdict.known == ((found[0], KnownDifference(path="/opt/*.aot", reason="trained anew")),)
    lines = list(report(verdict))
    assert lines == [
        "tiny: /x: mode",
        "tiny: known: /opt/a/b.aot: content (trained anew)",
        "tiny: no longer differs, take it out of the manifest: /gone",
        "tiny: 1 unknown and 1 known differences between two builds",
    ]


def test_what_the_base_is_known_for_is_known_of_all_that_build_on_it(tree: Tree) -> None:
    path = tree.root / "images" / "base" / "image.toml"
    path.write_text(f'{path.read_text()}[[differences]]\npath = "/x"\nreason = "r"\n')
    verdict = judge(tree, tree.language("tiny"), [Difference(path="/x", kind="mode")])

    assert (verdict.unknown, len(verdict.known)) == ((), 1)
    # It is the base's own to say that it differs no longer.
    assert judge(tree, tree.language("tiny"), []).gone == ()
    assert len(judge(tree, tree.target("base"), []).gone) == 1


def test_a_known_difference_needs_a_reason(tree: Tree) -> None:
    write(
        tree.root,
        {"languages/tiny/language.toml": f'{MANIFEST}[[differences]]\npath = "/x"\n'},
    )
    with pytest.raises(DefinitionError, match=r"differences\[0\]\.reason: is missing"):
        _ = tree.language("tiny").manifest
