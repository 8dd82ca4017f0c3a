from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.debian import USUAL, Debian, parse_archive
from polykernel_builder.errors import UsageError
from polykernel_builder.platforms import parse_platform

if TYPE_CHECKING:
    from collections.abc import Iterator

STAMP = "20251101T000000Z"
URL = f"http://example.org/archive/debian/{STAMP}"
ARM = parse_platform("linux/arm64")


@contextmanager
def serving(answers: dict[str, int]) -> Iterator[str]:
    """A server that answers paths with these numbers, and others with 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.get(self.path, 404))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_archive_is_of_the_time_in_its_address() -> None:
    archive = parse_archive(f"{URL}/")
    assert archive.url == URL
    assert archive.stamp == STAMP
    assert archive.time.isoformat() == "2025-11-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not an http or https address"),
        (f"ftp://example.org/debian/{STAMP}", "not an http or https address"),
        (f"file:///archive/{STAMP}", "not an http or https address"),
        (f"http:///archive/{STAMP}", "not an http or https address"),
        ("http://example.org/debian", "names no time"),
        (f"http://example.org/debian-{STAMP}", "names no time"),
        ("http://example.org/debian/20251301T000000Z", "20251301T000000Z is not a time"),
        ("http://example.org/debian/29991201T000000Z", "29991201T000000Z is yet to come"),
    ],
)
def test_what_is_no_dated_archive_is_named(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=rf"^--debian-archive {re.escape(text)}: {problem}"):
        parse_archive(text)


def test_only_the_usual_debian_has_the_usual_name() -> None:
    archive = parse_archive(URL)
    assert USUAL.image == "debian:trixie-slim"
    assert Debian(platform=ARM).image == "polykernel/debian:trixie-slim-arm64"
    assert Debian(archive=archive).image == f"polykernel/debian:{STAMP}"
    assert Debian(platform=ARM, archive=archive).image == f"polykernel/debian:{STAMP}-arm64"


def test_sources_are_the_suites_that_the_archive_has() -> None:
    debian, security = f"/archive/debian/{STAMP}", f"/archive/debian-security/{STAMP}"
    answers = {
        f"{debian}/dists/trixie/InRelease": 200,
        f"{security}/dists/trixie-security/InRelease": 200,
    }
    with serving(answers) as host:
        assert parse_archive(host + debian).sources() == [
            f"deb [check-valid-until=no] {host}{debian} trixie main",
            f"deb [check-valid-until=no] {host}{security} trixie-security main",
        ]


@pytest.mark.parametrize("status", [404, 403, 500])
def test_an_archive_without_the_suite_is_an_error(status: int) -> None:
    with serving({f"/{STAMP}/dists/trixie/InRelease": status}) as host:
        archive = parse_archive(f"{host}/{STAMP}")
        with pytest.raises(UsageError, match=rf"/{STAMP}/dists/trixie/InRelease answers {status} "):
            archive.sources()


def test_updates_are_not_left_out_for_a_server_in_trouble() -> None:
    answers = {
        f"/{STAMP}/dists/trixie/InRelease": 200,
        f"/{STAMP}/dists/trixie-updates/InRelease": 503,
    }
    with serving(answers) as host, pytest.raises(UsageError, match="updates/InRelease answers 503"):
        parse_archive(f"{host}/{STAMP}").sources()


def test_an_archive_that_does_not_answer_is_one_line() -> None:
    with serving({}) as host:
        pass
    with pytest.raises(UsageError, match=r"cannot be read: .*Connection refused") as caught:
        parse_archive(f"{host}/{STAMP}").sources()
    assert "\n" not in str(caught.value)
