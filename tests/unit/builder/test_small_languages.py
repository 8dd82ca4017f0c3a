"""What docs/add-a-language.md says of the languages that show how one is added."""

from __future__ import annotations

import pytest

from polykernel_builder.catalog import Tree

LANGUAGES = Tree.here().languages


@pytest.mark.parametrize("name", ["perl", "ruby", "bash"])
def test_a_whole_language_is_forty_lines(name: str) -> None:
    directory = LANGUAGES[name].directory
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    own = [path for path in files if "vendor" not in path.relative_to(directory).parts]

    assert len(own) == 4
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in own) <= 40


def test_the_guide_shows_perl_as_it_is() -> None:
    perl = LANGUAGES["perl"]
    guide = (Tree.here().root / "docs/add-a-language.md").read_text(encoding="utf-8")

    assert f"```dockerfile\n{(perl.directory / 'Dockerfile').read_text()}```" in guide
    assert f"```python\n{perl.module.read_text()}```" in guide
