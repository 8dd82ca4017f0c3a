"""The picture of a history."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from polykernel_git.drawing import cells, clean, draw
from polykernel_git.history import Commit, Ref
from polykernel_git.lanes import Edge, lay_out

SVG = "{http://www.w3.org/2000/svg}"


def commit(name: str, *parents: str, subject: str = "", refs: tuple[Ref, ...] = ()) -> Commit:
    return Commit(
        id=name,
        parents=parents,
        short_id=name[:7],
        short_parents=parents,
        author="Ada",
        refs=refs,
        subject=subject or name,
        branch=None,
    )


def picture(*commits: Commit) -> ET.Element:
    return ET.fromstring(draw(commits))  # noqa: S314  our own


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def edges(*commits: Commit) -> set[tuple[int, int, int, int, int]]:
    return {
        (edge.row, edge.lane, edge.by, edge.parent_row, edge.parent_lane)
        for edge in lay_out(commits).edges
    }


def test_a_line_of_commits_stands_in_one_lane() -> None:
    layout = lay_out([commit("c", "b"), commit("b", "a"), commit("a")])
    assert (layout.lanes, layout.width) == ((0, 0, 0), 1)
    assert layout.edges[0] == Edge(row=0, lane=0, by=0, parent_row=1, parent_lane=0)


def test_a_branch_has_a_lane_of_its_own_from_its_fork_to_its_merge() -> None:
    history = [commit("m", "b", "f"), commit("f", "a"), commit("b", "a"), commit("a")]
    assert lay_out(history).lanes == (0, 1, 0, 0)
    assert edges(*history) == {
        (0, 0, 0, 2, 0),
        (0, 0, 1, 1, 1),
        (1, 1, 1, 3, 0),
        (2, 0, 0, 3, 0),
    }


def test_a_lane_that_has_ended_is_used_again() -> None:
    history = [commit("x", "y"), commit("y"), commit("z", "a"), commit("a")]
    assert lay_out(history).lanes == (0, 0, 0, 0)


def test_a_line_to_what_is_not_shown_goes_on_below() -> None:
    history = [commit("b", "a"), commit("c", "long ago")]
    assert edges(*history) == {(0, 0, 0, 2, 0), (1, 1, 1, 2, 1)}
    root = picture(*history)
    bottom = float(root.get("height", "0"))
    assert all(f"V{bottom:g}" in path.get("d", "") for path in root.iter(f"{SVG}path"))


def test_many_parents_are_drawn_each() -> None:
    root = picture(commit("m", "a", "b", "c"), commit("a"), commit("b"), commit("c"))
    assert len(list(root.iter(f"{SVG}path"))) == 3
    assert len(list(root.iter(f"{SVG}circle"))) == 4


def test_it_tells_commits_names_and_authors() -> None:
    refs = (Ref(name="main", kind="branch", is_current=True), Ref(name="v1", kind="tag"))
    root = picture(commit("abcdefghi", refs=refs, subject="größer ≥ 東京 🙂"))
    assert texts(root) == ["abcdefg", "main", "v1", "größer ≥ 東京 🙂", "Ada"]
    weights = {text.text: text.get("font-weight") for text in root.iter(f"{SVG}text")}
    assert (weights["main"], weights["v1"]) == ("bold", "normal")


def test_all_that_is_drawn_is_within_it() -> None:
    history = [commit("m", "a", "b", subject="東" * 500), commit("b", "a"), commit("a")]
    root = picture(*history)
    width, height = (float(root.get(name, "0")) for name in ("width", "height"))
    for text in root.iter(f"{SVG}text"):
        assert float(text.get("x", "nan")) + float(text.get("textLength", "nan")) <= width
        assert 0 < float(text.get("y", "nan")) < height
    assert root.get("viewBox") == f"0 0 {width:g} {height:g}"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "]]> --> <?php &amp; &#0; \"'",
        "\x00\x07\x1b[2J\x7f\x85\ud800\ufffe\uffff",
        "\u202egnp.exe \u2066 \u2028",
    ],
)
def test_hostile_texts_are_texts(text: str) -> None:
    refs = (Ref(name=text, kind="branch"),)
    root = picture(commit("a", subject=text, refs=refs))
    assert {element.tag for element in root.iter()} == {
        f"{SVG}{name}" for name in ("svg", "title", "rect", "circle", "g", "text")
    }
    assert texts(root) == ["a", clean(text), clean(text), "Ada"]
    assert not {"\x1b", "\u202e", "\u2066"} & {*clean(text)}


def test_what_cannot_be_seen_is_marked() -> None:
    assert clean("a\x1bb\tc\x7f") == "a␛b␉c␡"
    assert clean("\u202ea\x85") == "\N{REPLACEMENT CHARACTER}a\N{REPLACEMENT CHARACTER}"


def test_a_long_text_is_cut_by_what_it_takes() -> None:
    assert clean("x" * 80) == "x" * 80
    assert clean("x" * 81) == "x" * 79 + "…"
    assert cells(clean("東" * 200)) <= 81
    assert len(clean("e" + "\u0301" * 10_000)) < 500
