from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.errors import LoginRefusedError, RegistryError, UsageError
from polykernel_builder.publish.complaint import Kind, kind_of, refusal
from polykernel_builder.publish.destination import check_tag, parse_destination
from polykernel_builder.publish.digests import DigestsFile, PushedImage
from polykernel_builder.publish.registry import is_insecure
from polykernel_builder.publish.tags import usual_tags

if TYPE_CHECKING:
    from pathlib import Path

OCI = "org.opencontainers.image."


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        ("localhost:5000", "localhost:5000/polykernel/rust"),
        ("docker.io/alice", "docker.io/alice/rust"),
        ("ghcr.io/Alice/Poly-Kernel/", "ghcr.io/alice/poly-kernel/rust"),
        ("registry:5000/a/b_c/d.e", "registry:5000/a/b_c/d.e/rust"),
        ("[::1]:5000", "[::1]:5000/polykernel/rust"),
        ("10.0.0.1", "10.0.0.1/polykernel/rust"),
    ],
)
def test_where_images_go(text: str, repository: str) -> None:
    assert parse_destination(text).repository("rust") == repository


@pytest.mark.parametrize("text", ["alice", "alice/x", "https://ghcr.io/a", "host:port", ":5000"])
def test_what_names_no_host_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"--registry .* is not a registry's host; it is like "):
        parse_destination(text)


@pytest.mark.parametrize("prefix", ["a//b", "-a", "a:b", "ä", "a b", ".a"])
def test_a_prefix_that_cannot_be_is_told(prefix: str) -> None:
    with pytest.raises(UsageError, match="cannot be part of a repository's name"):
        parse_destination(f"localhost:5000/{prefix}")


def test_no_registry_is_told() -> None:
    with pytest.raises(UsageError, match="say where to: --registry"):
        parse_destination(None)


def test_tags_are_checked() -> None:
    assert check_tag("v1.0_rc-1") == "v1.0_rc-1"
    for tag in ("", "a b", "-a", ".a", "a:b", "é", "x" * 129):
        with pytest.raises(UsageError, match="--tag"):
            check_tag(tag)


def test_an_image_gets_the_usual_tags() -> None:
    labels = {
        f"{OCI}version": "0.1.0",
        f"{OCI}revision": "0123456789abcdef0123456789abcdef01234567",
        "ai.polykernel.toolchain-version": "1.85.1+dfsg",
    }
    assert usual_tags(labels) == ("latest", "0.1.0", "1.85", "1.85-0.1.0", "0123456789ab")
    del labels["ai.polykernel.toolchain-version"]
    assert usual_tags(labels) == ("latest", "0.1.0", "0123456789ab")
    # What is not committed has no revision.
    del labels[f"{OCI}revision"]
    assert usual_tags(labels) == ("latest", "0.1.0")
    assert usual_tags({f"{OCI}version": "1+x"}) == ("latest", "1-x")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no basic auth credentials", Kind.LOGIN),
        ("unauthorized: authentication required", Kind.LOGIN),
        ("denied: requested access to the resource is denied", Kind.LOGIN),
        ("unexpected status: 403 Forbidden", Kind.LOGIN),
        ("denied: adding 1 MiB of storage would exceed the quota", Kind.FULL),
        ("write /var/lib/x: no space left on device", Kind.FULL),
        ("received unexpected HTTP status: 507 Insufficient Storage", Kind.FULL),
        ('Get "https://x/v2/": dial tcp: lookup x on 1.1.1.1:53: no such host', Kind.UNKNOWN_HOST),
        ("http: server gave HTTP response to HTTPS client", Kind.PLAIN_HTTP),
        ("received unexpected HTTP status: 503 Service Unavailable", Kind.PASSING),
        ("toomanyrequests: too many requests", Kind.PASSING),
        ("Put: write tcp 1.2.3.4:5: write: connection reset by peer", Kind.PASSING),
        ('Put "http://x/v2/y": EOF', Kind.PASSING),
        ("net/http: TLS handshake timeout", Kind.PASSING),
        ("manifest invalid: manifest invalid", Kind.OTHER),
        ("unknown blob sha256:5035035035", Kind.OTHER),
    ],
)
def test_what_engines_and_registries_say_is_understood(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


def test_a_refusal_is_one_line_that_says_what_to_do() -> None:
    place = parse_destination("registry.example.org/team")
    login = refusal(place, place.repository("c"), "denied:\n  no")
    assert isinstance(login, LoginRefusedError)
    assert str(login) == (
        "registry.example.org refuses registry.example.org/team/c: denied: no; log in with an "
        "account that may push there: docker login registry.example.org"
    )
    for text in ("no such host", "no space left", "HTTP response to HTTPS client", "EOF", "?"):
        error = refusal(place, place.repository("c"), text)
        assert type(error) is RegistryError
        assert "registry.example.org" in str(error)
        assert "\n" not in str(error)


def test_the_engine_says_who_is_spoken_to_in_the_clear() -> None:
    config = {
        "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.1.0.0/16"],
        "IndexConfigs": {"lab.example.org:5000": {"Secure": False}, "10.1.0.1": {"Secure": True}},
    }
    info = {"RegistryConfig": config}
    assert is_insecure("localhost:5000", info)
    assert is_insecure("127.0.0.2", info)
    assert is_insecure("10.1.2.3:5000", info)
    assert is_insecure("lab.example.org:5000", info)
    assert not is_insecure("10.1.0.1", info)
    assert not is_insecure("10.2.0.1:5000", info)
    assert not is_insecure("nowhere.invalid", info)
    assert not is_insecure("localhost:5000", {})


def test_digests_are_written_image_by_image(tmp_path: Path) -> None:
    path = tmp_path / "new" / "digests.json"
    digests = DigestsFile(path)
    pushed = PushedImage(
        repository="h/p/c", digest="sha256:1", tags=("a", "b"), image_id="sha256:2", sbom=None
    )
    digests.add("c", pushed)
    told = json.loads(path.read_text())
    assert told["images"]["c"] == {
        "repository": "h/p/c",
        "digest": "sha256:1",
        "tags": ["a", "b"],
        "image_id": "sha256:2",
        "sbom": None,
        "reference": "h/p/c@sha256:1",
    }


def test_an_earlier_file_stays_until_there_is_something_to_say(tmp_path: Path) -> None:
    path = tmp_path / "digests.json"
    path.write_text("before")
    DigestsFile(path)
    assert path.read_text() == "before"
    DigestsFile(tmp_path / "none.json")
    assert [each.name for each in tmp_path.iterdir()] == ["digests.json"]
    with pytest.raises(UsageError, match=r"--digests .*: cannot be written: "):
        DigestsFile(path / "under a file")
