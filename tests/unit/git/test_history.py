"""What is read of a repository, by git itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from polykernel_git import gitgraph
from polykernel_git.history import Reader, Ref

if TYPE_CHECKING:
    from support.repositories import Repository

STORY = """
git init -q
git commit -q --allow-empty -m first
git branch feature
git commit -q --allow-empty -m 'on main'
git checkout -q feature
git -c user.name='Grace "Amazing" Hopper' commit -q --allow-empty -m 'on || feature'
git checkout -q main
git merge -q --no-ff -m 'both' feature
git tag v1
"""


def test_a_commit_has_its_parents_its_author_and_its_names(repository: Repository) -> None:
    repository.do(STORY)
    both, *others, first = repository.commits()

    assert both.subject == "both"
    assert [*both.refs] == [
        Ref(name="main", kind="branch", is_current=True),
        Ref(name="v1", kind="tag"),
    ]
    assert {*both.parents} == {commit.id for commit in others}
    assert both.id.startswith(both.short_id)
    assert first.parents == ()
    assert {commit.author for commit in others} == {"Ada", 'Grace "Amazing" Hopper'}
    assert [commit.refs for commit in others if commit.subject != "on main"] == [
        (Ref(name="feature", kind="branch"),)
    ]


def test_the_data_are_those_that_the_originals_clients_know(repository: Repository) -> None:
    repository.do(STORY)
    data = json.loads(gitgraph.encode(repository.commits()))
    ids = {commit["message"]: commit["oid"] for commit in data}

    assert data[0] == {
        "oid": ids["first"],
        "parent_ids": [],
        "author": "Ada",
        "message": "first",
        "branch": data[0]["branch"],
        "parent_branches": [],
    }
    assert data[-1] == {
        "oid": ids["both"],
        "parent_ids": [ids["on main"], ids["on || feature"]],
        "author": "Ada",
        "message": "both",
        "branch": "main",
        "parent_branches": ["main", "feature"],
    }
    assert {commit["branch"] for commit in data} == {"main", "feature"}


def test_what_no_branch_has_is_of_none(repository: Repository) -> None:
    repository.do("git init -q; git commit -q --allow-empty -m kept; git checkout -q --detach")
    repository.commit("lost, but for a tag")
    repository.do("git tag tagged")
    lost, _ = repository.commits()

    assert lost.branch is None
    assert [ref.name for ref in lost.refs] == ["HEAD", "tagged"]
    assert lost.refs[0].is_current


def test_any_text_comes_as_it_is(repository: Repository) -> None:
    repository.do("git init -q")
    texts = ["größer ≥ 東京 🙂", "a || b", "tab\tand \x1b[31m", "<script>", "-> HEAD, tag: x", " "]
    for text in texts:
        repository.commit(text)
    repository.do(
        "printf 'latin \\351' | git -c i18n.commitEncoding=ISO-8859-1 commit-tree HEAD^{tree} "
        "| xargs git branch latin"
    )
    repository.do(
        "{ git cat-file commit HEAD | sed '/^$/q'; printf 'broken \\377'; } "
        "| git hash-object -t commit -w --stdin --literally | xargs git branch broken"
    )

    found = [commit.subject for commit in reversed(repository.commits())]
    others = ("latin é", "broken \N{REPLACEMENT CHARACTER}")
    assert [text for text in found if text not in others] == [text.strip(" ") for text in texts]
    assert {*others} <= {*found}


def test_the_newest_are_read_where_there_are_more(repository: Repository) -> None:
    repository.do("git init -q")
    for number in range(4):
        repository.commit(f"number {number}")

    assert [commit.subject for commit in repository.commits(most=2)] == ["number 3", "number 2"]


def test_where_nothing_is_git_says_so(repository: Repository) -> None:
    assert Reader(repository.run).read(".", 9) == (128, ())
    assert repository.errors.startswith("fatal: not a git repository")
    assert Reader(repository.run).read("no where", 9) == (128, ())
    assert "no where" in repository.errors
    repository.do("git init -q")
    assert repository.commits() == ()


def test_a_directory_is_named_as_a_shell_would_not_like_it(repository: Repository) -> None:
    repository.do('git init -q "$PWD/it\'s; echo \\$x"')
    repository.do('git -C "$PWD/it\'s; echo \\$x" commit -q --allow-empty -m there')
    (there,) = repository.commits(directory="it's; echo $x")
    assert there.subject == "there"
