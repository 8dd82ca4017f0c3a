"""The r-server image, against a server that keeps to the API's description."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest

from driving.conformance import TRIALS
from driving.conformance.subject import Subject
from driving.containers import boxed_kernel
from driving.kernels import printed, until_printed
from driving.polly import host
from driving.r_server.http import r_server
from driving.r_server.r import PICTURE
from driving.r_server.server import PASSWORD, USERNAME
from polykernel import Kernel, Limits
from polykernel_builder.catalog import Tree
from polykernel_builder.conformance import load_conformance

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from driving.r_server.server import RServer
    from polykernel import Result

# What the image alone cannot show to the conformance suite.
SHOWN = ("hello", "error", "utf-8", "picture", "state", "interrupt", "cancel", "time-limit")

pytestmark = pytest.mark.parametrize("lang", ["r-server"])

LOGIN, REFRESH, REVOKE = "POST /login", "POST /login/refreshToken", "DELETE /login/refreshToken"
CREATE, EXECUTE = "POST /sessions", "POST /sessions/{id}/execute"
CANCEL, FORCE = "POST /sessions/{id}/cancel", "DELETE /sessions/{id}/force"


@contextmanager
def serving() -> Iterator[tuple[RServer, dict[str, str]]]:
    """A server, and the environment in which a kernel finds it."""
    with r_server(host()) as (server, url):
        yield (
            server,
            {"MRS_ENDPOINT": url, "MRS_USERNAME": USERNAME, "MRS_PASSWORD": PASSWORD},
        )


@asynccontextmanager
async def kernel_of(lang: str) -> AsyncIterator[tuple[Kernel, RServer]]:
    """A server, and a kernel that uses it."""
    with serving() as (server, env):
        async with Kernel.start(lang, network=True, env=env) as kernel:
            yield kernel, server


async def fine(kernel: Kernel, code: str) -> str:
    result = await kernel.query(code, stdin="")
    assert (result.verdict, result.stderr, result.state) == ("ok", b"", "kept")
    return result.text


async def failing(kernel: Kernel, code: str = "1 + 1") -> str:
    result = await kernel.query(code, stdin="")
    assert (result.verdict, result.exit_code, result.stdout) == ("error", 1, b"")
    return result.stderr.decode()


async def test_defect_46_queries_are_executed_in_one_session(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        assert await fine(kernel, "x <- 41") == ""
        assert await fine(kernel, 'x + 1\ncat("größer ≥ 東京 🙂")') == "[1] 42\ngrößer ≥ 東京 🙂"

        assert server.asked(LOGIN) == [200]
        assert server.asked(CREATE) == [201]
        assert server.asked(EXECUTE) == [200, 200]


async def test_what_is_printed_comes_at_once_and_once(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        assert await fine(kernel, 'cat("again\\n")') == "again\n"
        (session,) = server.sessions.values()
        run = kernel.query('cat("again\\n")\nSys.sleep(1)\n20 + 22\nrepeat {}', stdin="")
        early = await until_printed(run, "[1] 42")
        assert session.busy.locked()
        session.cancelled.set()

        assert early + (await run).text == "again\n[1] 42\n"


async def test_an_error_in_the_code_ends_the_query_and_keeps_the_state(lang: str) -> None:
    async with kernel_of(lang) as (kernel, _):
        await fine(kernel, "x <- 41")
        result = await kernel.query('cat("before")\nstop("größer")\ncat("behind")', stdin="")

        assert (result.text, result.stderr.decode()) == ("before", "Error: größer\n")
        assert (result.exit_code, result.verdict, result.state) == (1, "error", "kept")
        assert await fine(kernel, "x + 1") == "[1] 42\n"


async def test_a_token_that_is_refused_is_renewed_once(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        await fine(kernel, "x <- 41")
        server.expire()
        assert await fine(kernel, "x + 1") == "[1] 42\n"
        assert (server.asked(LOGIN), server.asked(REFRESH)) == ([200], [200])
        assert server.asked(EXECUTE) == [200, 401, 200]

        server.forget()
        assert await fine(kernel, "x + 1") == "[1] 42\n"
        assert (server.asked(LOGIN), server.asked(REFRESH)) == ([200, 200], [200, 401])


async def test_a_token_is_renewed_before_it_expires(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        server.told_life = 0
        await fine(kernel, "x <- 41")
        assert await fine(kernel, "x + 1") == "[1] 42\n"

        assert set(server.asked(REFRESH)) == {200}
        assert 401 not in {status for _, _, status in server.calls}


async def test_who_is_refused_again_and_again_gives_up(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        server.life, server.told_life = -1, 3600
        assert "the R Server creates no session (401)" in await failing(kernel)
        assert len(server.calls) < 6


async def test_a_session_that_the_server_has_lost_is_made_anew(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        await fine(kernel, "x <- 41")
        server.sessions.clear()
        lost = await kernel.query("x <- 1\n20 + 22", stdin="")

        assert (lost.text, lost.exit_code) == ("[1] 42\n", 0)
        assert "what was in it is lost" in lost.stderr.decode()
        assert await fine(kernel, "x + 1") == "[1] 2\n"


async def test_an_interrupt_cancels_and_keeps_the_state(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        await fine(kernel, "x <- 41")
        run = kernel.query('cat("started")\nrepeat {}')
        await until_printed(run, "started")
        await kernel.interrupt()
        result = await run

        assert (result.verdict, result.exit_code, result.state) == ("interrupted", 130, "kept")
        assert (result.stdout, result.stderr) == (b"", b"")
        assert server.asked(CANCEL) == [200]
        assert await fine(kernel, "x + 1") == "[1] 42\n"


async def test_what_cannot_be_cancelled_costs_the_session(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        await fine(kernel, "x <- 41")
        (session,) = server.sessions.values()
        session.stubborn = True
        run = kernel.query('cat("started")\nrepeat {}')
        await until_printed(run, "started")
        await kernel.interrupt()
        result = await run

        assert (result.verdict, result.exit_code, result.state) == ("interrupted", 130, "lost")
        assert "has not cancelled this" in result.stderr.decode()
        assert server.asked(FORCE) == [200]
        assert await fine(kernel, "20 + 22") == "[1] 42\n"


async def test_a_time_limit_cancels(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        await fine(kernel, "x <- 41")
        result = await kernel.query("repeat {}", stdin="", limits=Limits(wall_time=1))

        assert (result.verdict, result.state) == ("time-limit", "kept")
        assert server.asked(CANCEL) == [200]
        assert await fine(kernel, "x + 1") == "[1] 42\n"


async def test_files_that_the_code_changes_come_here(lang: str) -> None:
    async with kernel_of(lang) as (kernel, _):
        code = 'writeLines("here", "größer & \'b\' 1.txt")\npng("dot.png")\npng("../up.png")'
        result = await kernel.query(code, stdin="")

        (media,) = result.media
        assert media.type == "image/png"
        assert base64.b64decode(media.data.partition(",")[2]) == PICTURE
        assert "'../up.png' stays on the R Server" in result.stderr.decode()
        names = await printed(kernel, 'for name in * ../*.png; do echo "$name"; done')
        assert names == "dot.png\ngrößer & 'b' 1.txt\n../*.png\n"


async def test_a_reset_and_a_stop_leave_nothing_on_the_server(lang: str) -> None:
    with serving() as (server, env):
        async with boxed_kernel(lang, network=True, env=env) as (kernel, box):
            await fine(kernel, "x <- 41")
            await kernel.reset()
            assert (server.sessions, server.refresh, server.asked(REVOKE)) == ({}, set(), [200])

            assert "'x' not found" in await failing(kernel, "x + 1")
            await asyncio.to_thread(box.stop)
            assert (server.sessions, server.refresh) == ({}, set())


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"MRS_ENDPOINT": ""}, "MRS_ENDPOINT: not set"),
        ({"MRS_PASSWORD": "", "MRS_USERNAME": ""}, "MRS_USERNAME, MRS_PASSWORD: not set"),
        ({"MRS_ENDPOINT": "r.example.org"}, "MRS_ENDPOINT is not the URL of a server"),
        ({"MRS_ENDPOINT": "http://a:b@r.example.org"}, "MRS_ENDPOINT must not say who logs in"),
        ({"MRS_ENDPOINT": "http://r.invalid"}, "cannot be reached"),
        (
            {"MRS_ENDPOINT": "http://127.0.0.1:9"},
            "cannot be reached: [Errno 111] Connection refused",
        ),
        (
            {"MRS_PASSWORD": "wrong, and secret"},
            "refuses MRS_USERNAME and MRS_PASSWORD (401): not ...",
        ),
        ({"MRS_ENDPOINT": "{url}/elsewhere"}, "does not let us log in (404)"),
        ({"MRS_ENDPOINT": "{tls}"}, "there is no secure connection to the R Server"),
    ],
)
async def test_what_is_wrong_is_said(lang: str, changed: dict[str, str], says: str) -> None:
    with serving() as (_, env):
        url = env["MRS_ENDPOINT"]
        names = {"url": url, "tls": url.replace("http:", "https:")}
        given = {**env, **{name: text.format(**names) for name, text in changed.items()}}
        async with Kernel.start(lang, network=True, env=given) as kernel:
            said = await failing(kernel)

    assert says in said
    assert "secret" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (LOGIN, "does not let us log in"),
        (CREATE, "creates no session"),
        (EXECUTE, "does not execute the code"),
    ],
)
async def test_a_fault_of_the_server_is_told(lang: str, operation: str, says: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        server.faulty.add(operation)
        assert await failing(kernel) == (
            f"the R Server {says}, by a fault of its own (500): no node for ...\n"
        )
        server.faulty.clear()
        assert await fine(kernel, "20 + 22") == "[1] 42\n"


async def test_a_connection_that_is_broken_off_is_told(lang: str) -> None:
    async with kernel_of(lang) as (kernel, server):
        await fine(kernel, "x <- 41")
        server.broken.add(EXECUTE)
        assert "the R Server has broken off the connection" in await failing(kernel)
        server.broken.clear()
        assert await fine(kernel, "x + 1") == "[1] 42\n"


@pytest.mark.parametrize("case", SHOWN)
async def test_conformance_beside_a_server(lang: str, case: str) -> None:
    conformance = load_conformance(Tree.here().language(lang))
    async with kernel_of(lang) as (kernel, _):
        await TRIALS[case](Subject(kernel, "query", conformance))


async def test_no_secret_is_told_to_anyone(lang: str) -> None:
    with serving() as (server, env):
        async with boxed_kernel(lang, network=True, env=env) as (kernel, box):
            results = [await kernel.query("1 + 1", stdin="")]
            server.forget()
            server.faulty.add(EXECUTE)
            results.append(await kernel.query("1 + 1", stdin=""))
            secrets = [PASSWORD, *server.access, *server.refresh]
            assert len(secrets) == 3
            for text in (*map(_text, results), *box.processes().values()):
                assert not [secret for secret in secrets if secret in text]


def _text(result: Result) -> str:
    return (result.stdout + result.stderr).decode()
