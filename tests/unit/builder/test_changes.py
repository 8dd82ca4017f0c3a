"""What is built and tested after a change: each on a real history."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.changes import Changes
from polykernel_builder.errors import DefinitionError, MissingToolError, UsageError
from polykernel_builder.history import History
from support.histories import LANGUAGES, Repository
from support.trees import DOCKERFILE, MANIFEST, write

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = "shared/runner/polykernel_runner"
NEVER = "0" * 40


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "clone")


def since(repository: Repository, base: str) -> Changes:
    return Changes(repository.tree, History(repository.root, base))


def images(repository: Repository, base: str = "HEAD~1") -> dict[str, str]:
    return since(repository, base).images()


def languages(repository: Repository, base: str = "HEAD~1") -> set[str]:
    return set(since(repository, base).languages())


def test_nothing_changed_is_nothing_to_do(repository: Repository) -> None:
    assert images(repository, "HEAD") == {}
    assert languages(repository, "HEAD") == set()


@pytest.mark.parametrize(
    ("file", "concerned"),
    [
        ("languages/book/Dockerfile", {"book"}),
        ("languages/book/language.toml", {"book"}),
        ("languages/book/language.py", {"book"}),
        ("languages/book/requirements.lock", {"book"}),
        ("languages/book/data/that the Dockerfile copies", {"book"}),
        ("languages/tiny/Dockerfile", {"tiny", "big"}),
        ("languages/tiny/service-defs/web.json", {"tiny", "big"}),
        (f"{RUNNER}/part/__init__.py", LANGUAGES),
        ("shared/runner/entrypoint.sh", LANGUAGES),
        ("shared/runner/service-defs/sshd.json", LANGUAGES - {"fast"}),
        ("shared/runner/requirements-jupyter.lock", {"book"}),
        ("shared/runner/requirements.lock", {"base", *LANGUAGES}),
        ("images/base/Dockerfile", {"base", *LANGUAGES}),
        ("shared/runner/launcher/main.c", {"launcher", "fast"}),
        ("shared/runner/launcher/new.c", {"launcher", "fast"}),
        ("shared/builder/polykernel_builder/vendor.py", {"base", "launcher", "server", *LANGUAGES}),
    ],
)
def test_a_change_of_what_images_are_made_from_concerns_them_and_all_on_them(
    repository: Repository, file: str, concerned: set[str]
) -> None:
    path = repository.root / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as end:
        end.write("\n")
    repository.commit({})
    assert set(images(repository)) == concerned
    assert languages(repository) == concerned & LANGUAGES


@pytest.mark.parametrize(
    ("file", "concerned"),
    [
        ("docs/page.md", set()),
        ("README.md", set()),
        ("tests/unit/test_it.py", set()),
        ("languages/tiny/conformance.toml", {"tiny"}),
        ("languages/tiny/examples/tour/case.toml", {"tiny"}),
        ("tests/integration/test_it.py", LANGUAGES),
        ("tests/new.py", LANGUAGES),
        ("shared/client/polykernel/__init__.py", LANGUAGES),
        ("requirements/host.lock", LANGUAGES),
        ("pyproject.toml", LANGUAGES),
        ("something/else", LANGUAGES),
    ],
)
def test_what_is_in_no_image_may_still_need_tests(
    repository: Repository, file: str, concerned: set[str]
) -> None:
    repository.commit({file: "# changed\n"})
    assert images(repository) == {}
    assert languages(repository) == concerned


def test_an_image_that_no_language_builds_on_is_built_and_may_concern_any_test(
    repository: Repository,
) -> None:
    repository.commit({"images/server/config": "on\n"})
    assert images(repository) == {"server": "images/server/config added"}
    assert languages(repository) == LANGUAGES


def test_each_image_is_told_with_its_reason_after_those_it_builds_on(
    repository: Repository,
) -> None:
    repository.commit(
        {"languages/tiny/Dockerfile": f"{DOCKERFILE}RUN true\n", "languages/tiny/more": ""}
    )
    assert list(images(repository).items()) == [
        ("tiny", "languages/tiny/Dockerfile changed, and 1 more"),
        ("big", "builds on tiny"),
    ]


def test_a_parent_found_by_copy_from_counts_as_well(repository: Repository) -> None:
    repository.commit({"shared/runner/launcher/main.c": "int main(void) { return 1; }\n"})
    assert images(repository)["fast"] == "builds on launcher"


def test_a_file_taken_away_counts_where_it_was_used(repository: Repository) -> None:
    repository.git("rm", "--quiet", f"{RUNNER}/part/__init__.py")
    repository.commit({})
    assert set(images(repository)) == LANGUAGES
    assert images(repository)["tiny"] == f"{RUNNER}/part/__init__.py removed"
    write(repository.root, {"shared/runner/launcher/other.c": ""})
    repository.git("rm", "--quiet", "shared/runner/launcher/main.c")
    repository.commit({})
    assert set(images(repository)) == {"launcher", "fast"}


def test_a_renamed_file_is_removed_in_one_place_and_added_in_the_other(
    repository: Repository,
) -> None:
    write(repository.root, {"languages/book/big.txt": "the same " * 100})
    repository.commit({})
    repository.git("mv", "languages/book/big.txt", "languages/fast/big.txt")
    repository.commit({})
    assert images(repository) == {
        "book": "languages/book/big.txt removed",
        "fast": "languages/fast/big.txt added",
    }


def test_a_changed_mode_counts(repository: Repository) -> None:
    (repository.root / "languages/book/Dockerfile").chmod(0o755)
    repository.commit({})
    assert images(repository) == {"book": "languages/book/Dockerfile changed"}


def test_a_deleted_language_is_no_longer_built(repository: Repository) -> None:
    repository.git("rm", "-r", "--quiet", "languages/book")
    repository.commit({})
    # What git does not know of stays when a revision without the language is checked out.
    write(repository.root, {"languages/book/vendor/rootfs/some": "file"})
    assert images(repository) == {}
    assert languages(repository) == set()


def test_a_deleted_language_that_another_builds_on_is_named(repository: Repository) -> None:
    repository.git("rm", "-r", "--quiet", "languages/tiny")
    repository.commit({})
    with pytest.raises(DefinitionError, match="big/Dockerfile: builds on polykernel/tiny, but"):
        images(repository)


def test_a_new_language_is_built(repository: Repository) -> None:
    write(
        repository.root,
        {
            "languages/new/Dockerfile": DOCKERFILE,
            "languages/new/language.toml": MANIFEST,
            "languages/new/language.py": "",
        },
    )
    assert images(repository, "HEAD") == {"new": "languages/new/Dockerfile added, and 2 more"}
    assert languages(repository, "HEAD") == {"new"}


def test_what_is_not_committed_counts_unless_git_ignores_it(repository: Repository) -> None:
    write(repository.root, {"languages/book/untracked": "", "languages/fast/vendor/some": ""})
    assert images(repository, "HEAD") == {"book": "languages/book/untracked added"}
    write(repository.root, {"languages/tiny/language.py": "name = 'changed'\n"})
    assert set(images(repository, "HEAD")) == {"book", "tiny", "big"}
    repository.git("add", "languages/tiny")
    assert set(images(repository, "HEAD")) == {"book", "tiny", "big"}
    assert repository.git("diff", "--cached", "--name-only") == "languages/tiny/language.py"


def test_what_the_other_side_has_done_since_does_not_count(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit({"languages/book/mine": ""})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"shared/runner/entrypoint.sh": "#!/bin/bash\n"})
    repository.git("checkout", "--quiet", "topic")
    assert images(repository, "main") == {"book": "languages/book/mine added"}


def test_a_change_taken_back_is_none(repository: Repository) -> None:
    base = repository.git("rev-parse", "HEAD")
    repository.commit({"languages/book/language.py": "name = 'x'\n"})
    repository.git("revert", "--no-edit", "HEAD")
    assert images(repository, base) == {}


def test_a_manifest_that_could_not_be_read_before_is_no_obstacle(repository: Repository) -> None:
    repository.commit({"languages/book/language.toml": "what"})
    repository.commit({"languages/book/language.toml": MANIFEST})
    assert set(images(repository)) == {"book"}


def test_a_branch_that_was_not_there_before_is_all_new(repository: Repository) -> None:
    assert set(images(repository, NEVER)) == {"base", "launcher", "server", *LANGUAGES}
    assert languages(repository, NEVER) == LANGUAGES


@pytest.mark.parametrize("name", ["nowhere", "HEAD~99", "-x", "HEAD:README.md"])
def test_an_unknown_revision_is_named(repository: Repository, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        images(repository, name)
    assert str(caught.value) == (
        f"--base {name}: no such revision here; do: git fetch origin, or name another"
    )


def test_a_shallow_clone_says_how_to_fetch_the_base(tmp_path: Path, repository: Repository) -> None:
    old = repository.git("rev-parse", "HEAD")
    repository.commit({"languages/book/more": ""})
    url = repository.root.as_uri()
    shallow = tmp_path / "shallow"
    command = ["git", "clone", "--quiet", "--depth=1", url, str(shallow)]
    subprocess.run(command, check=True)
    with pytest.raises(UsageError, match=r"this shallow clone lacks .* git fetch --unshallow"):
        History(shallow, old)
    subprocess.run(
        ["git", "-C", str(shallow), "fetch", "--quiet", "--depth=1", url, old], check=True
    )
    with pytest.raises(UsageError, match=r"no commit in common .* git fetch --unshallow"):
        History(shallow, old)
    subprocess.run(["git", "-C", str(shallow), "fetch", "--quiet", "--unshallow"], check=True)
    (change,) = History(shallow, old).changes()
    assert str(change) == "languages/book/more added"


def test_histories_that_never_met_cannot_be_compared(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit({"docs/other.md": ""})
    with pytest.raises(UsageError, match="no commit in common with HEAD here; do: name another"):
        images(repository, "main")


def test_without_a_clone_or_git_it_says_so(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        with pytest.raises(MissingToolError, match="apt-get install git"):
            images(repository)
    shutil.rmtree(repository.root / ".git")
    with pytest.raises(
        UsageError, match=r"is no git clone, .*: clone the repository, or say --all"
    ):
        images(repository)
