from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_builder.dockerfile import load_dockerfile, rebased, retagged
from polykernel_builder.errors import DefinitionError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Dockerfile"


def test_finds_what_an_image_builds_on(path: Path) -> None:
    path.write_text(
        "# FROM polykernel/commented\n"
        "ARG X=1\n"
        "from --platform=linux/amd64 polykernel/java:latest as build\n"
        "RUN echo \\\n  COPY --from=polykernel/quoted x \\\n  y\n"
        "FROM polykernel/base:latest\n"
        "COPY --from=build /a /a\n"
        "COPY --chown=1:1 \\\n    --from=polykernel/launcher:latest /b /b\n"
    )
    found = load_dockerfile(path)
    assert found.parents == ("base", "java", "launcher")
    assert found.base == "polykernel/base:latest"
    assert not found.wants_ca


def test_the_base_is_seen_through_stages(path: Path) -> None:
    path.write_text("FROM debian:trixie-slim AS a\nFROM a AS b\nFROM b\n")
    assert load_dockerfile(path).base == "debian:trixie-slim"
    assert load_dockerfile(path).parents == ()


def test_certificates_stay_in_build_stages(path: Path) -> None:
    path.write_text("FROM a AS get\nCOPY vendor/ca /ca\nFROM b\nCOPY --from=get /x /x\n")
    assert load_dockerfile(path).wants_ca
    path.write_text("FROM a AS get\nFROM b\nCOPY vendor/ca /ca\n")
    with pytest.raises(DefinitionError, match="must not be in an image"):
        load_dockerfile(path)


def test_what_is_no_dockerfile_is_named(path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"Dockerfile: the file is missing"):
        load_dockerfile(path)
    path.write_text("RUN x\n")
    with pytest.raises(DefinitionError, match=r"Dockerfile: has no FROM line"):
        load_dockerfile(path)


def test_what_it_builds_on_is_taken_by_another_tag() -> None:
    text = "FROM polykernel/base:{0} AS a\nFROM debian:latest\nCOPY --from=polykernel/r:{0} / /\n"
    assert retagged(text.format("latest"), "verify-1") == text.format("verify-1")


def test_another_debian_takes_the_place_of_the_usual_one_and_of_nothing_else() -> None:
    text = (
        "# not {1}x, not my/{1}\nFROM {0} AS a\nFROM debian:trixie\nFROM debian:trixie-slim-x\n"
        "COPY --from={0} /a /a\nFROM --platform=x {0}\n"
    )
    usual = "debian:trixie-slim"
    other = "polykernel/debian:20261101T000000Z"
    assert rebased(text.format(usual, usual), other) == text.format(other, usual)
