"""Speech from Polly's API: a real server of it, and others that fail in all the ways there are."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from driving import polly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from driving.kernels import Fresh
    from driving.polly import Odd
    from polykernel import Kernel, Result

pytestmark = pytest.mark.parametrize("lang", ["aws-polly"])

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "it-is-a-secret"}
TOKEN = "it-is-a-token"
TEXT = "größer ≥ 東京 🙂 <script>"


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with polly.moto() as url:
        yield url


@pytest.fixture
def odd() -> Iterator[Odd]:
    with polly.odd() as server:
        yield server


def start(fresh: Fresh, url: str, **env: str) -> AbstractAsyncContextManager[Kernel]:
    return fresh(network=True, env={"AWS_ENDPOINT_URL": url, **(env or KEYS)})


def request(**keys: Any) -> str:  # noqa: ANN401
    return json.dumps({"text": TEXT, "voiceId": "Joanna", **keys}, ensure_ascii=False)


def sound(result: Result) -> tuple[str, bytes]:
    """The type and the bytes of the one sound that came."""
    assert result.verdict == "ok", result.stderr.decode()
    (media,) = result.media
    head, _, data = media.data.partition(",")
    assert head == f"data:{media.type};base64"
    return media.type, base64.b64decode(data, validate=True)


def echoed(result: Result) -> dict[str, Any]:
    """What the server was asked for."""
    asked: dict[str, Any] = json.loads(sound(result)[1])
    return asked


async def test_defect_46_polly_a_request_is_answered_with_its_sound(
    fresh: Fresh, moto: str
) -> None:
    async with start(fresh, moto) as kernel:
        usual, second = [await kernel.query(request()) for _ in range(2)]
        others = [
            await kernel.query(request(outputFormat="mp3", engine="neural", sampleRate=22050)),
            await kernel.query(request(outputFormat="pcm", textType="ssml", languageCode="en-GB")),
        ]

    kind, content = sound(usual)
    assert kind == "audio/ogg"
    assert content
    assert sound(second) == (kind, content)
    assert [sound(result)[0] for result in others] == ["audio/mpeg", "audio/pcm"]
    assert (usual.stdout, usual.stderr, usual.state) == (b"", b"", "none")


async def test_what_the_service_refuses_is_told_with_what_was_asked_for(
    fresh: Fresh, moto: str
) -> None:
    async with start(fresh, moto) as kernel:
        result = await kernel.query(request(voiceId="Nobody"))
        again = await kernel.query(request())

    said = result.stderr.decode()
    assert (result.verdict, result.exit_code, result.media) == ("error", 1, ())
    assert "HTTP 400" in said
    assert "VoiceId 'Nobody'" in said
    assert TEXT not in said
    assert again.verdict == "ok"


async def test_all_of_a_request_reaches_the_service(fresh: Fresh, odd: Odd) -> None:
    async with start(fresh, f"{odd.url}/echo") as kernel:
        asked = echoed(await kernel.query(request(lexiconNames=["one", "two"], sampleRate=8000)))

    assert asked.pop("path") == "/echo/v1/speech"
    assert KEYS["AWS_ACCESS_KEY_ID"] in asked.pop("authorization")
    assert asked == {
        "Text": TEXT,
        "VoiceId": "Joanna",
        "TextType": "text",
        "OutputFormat": "ogg_vorbis",
        "LexiconNames": ["one", "two"],
        "SampleRate": "8000",
    }


async def test_a_role_of_the_host_is_enough(fresh: Fresh, odd: Odd) -> None:
    role = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": odd.url}
    async with start(fresh, f"{odd.url}/echo", **role) as kernel:
        asked = echoed(await kernel.query(request()))

    assert polly.ROLE_KEY in asked["authorization"]


async def test_credentials_come_neither_by_file_nor_with_a_query(fresh: Fresh) -> None:
    lines = ["[default]", *(f"{name.lower()} = {value}" for name, value in KEYS.items())]
    file = "\\n".join(lines)
    async with fresh() as kernel:
        await kernel.execute("exec", f"mkdir .aws; printf '{file}\\n' >.aws/credentials")
        by_file = await kernel.query(request())
        by_key = await kernel.query(request(secretAccessKey="it-is-a-secret"))
        by_job = await kernel.query(request(), env=KEYS)

    assert b"AWS_SECRET_ACCESS_KEY in its environment" in by_file.stderr
    assert b"credentials are the kernel's" in by_key.stderr
    assert b"it-is-a-secret" not in by_key.stderr
    assert (by_job.verdict, by_job.exit_code) == ("refused", 127)


@pytest.mark.parametrize(("way", "says"), [("fail", "HTTP 500"), ("break", "try again")])
async def test_a_service_that_is_not_well_is_told(
    fresh: Fresh, odd: Odd, way: str, says: str
) -> None:
    async with start(fresh, f"{odd.url}/{way}") as kernel:
        result = await kernel.query(request())

    assert (result.verdict, result.exit_code, result.media) == ("error", 1, ())
    assert says in result.stderr.decode()
    assert len(result.stderr.splitlines()) == 1


async def test_a_service_that_is_not_there_is_told_with_what_to_do(fresh: Fresh) -> None:
    async with fresh(env=KEYS) as kernel:
        result = await kernel.query(request())

    assert result.exit_code == 1
    assert b"https://polly.ap-northeast-2.amazonaws.com/v1/speech" in result.stderr
    assert b"the kernel needs a network" in result.stderr


async def test_half_of_the_credentials_is_told(fresh: Fresh) -> None:
    async with fresh(env={"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}) as kernel:
        result = await kernel.query(request())

    assert result.exit_code == 1
    assert b"AWS_SECRET_ACCESS_KEY" in result.stderr


async def test_secrets_that_a_service_repeats_are_not_shown(fresh: Fresh, odd: Odd) -> None:
    async with start(fresh, f"{odd.url}/tattle", **KEYS, AWS_SESSION_TOKEN=TOKEN) as kernel:
        result = await kernel.query(request())

    said = result.stderr.decode()
    assert "SignatureDoesNotMatch, HTTP 403" in said
    assert "AWS_SECRET_ACCESS_KEY is another key's" in said
    assert "X-Amz-Security-Token: ***" in said
    assert not [secret for secret in (*KEYS.values(), TOKEN) if secret in said]


async def test_a_request_that_is_interrupted_ends_and_the_next_one_works(
    fresh: Fresh, odd: Odd
) -> None:
    async with start(fresh, f"{odd.url}/hang") as kernel:
        run = kernel.query(request())
        await asyncio.to_thread(odd.asked.wait, 20)
        await kernel.interrupt()
        result = await run
        odd.released.set()
        next_one = await kernel.query(request())

    assert (result.verdict, result.exit_code, result.media) == ("interrupted", 130, ())
    assert echoed(next_one)["Text"] == TEXT


async def test_a_request_that_is_none_is_told(kernel: Kernel) -> None:
    result = await kernel.query("not JSON")

    assert (result.verdict, result.exit_code) == ("error", 2)
    assert b"the request is not JSON" in result.stderr


async def test_a_program_is_refused_with_what_to_do_instead(kernel: Kernel) -> None:
    result = await kernel.run({"main.json": request()})

    assert (result.verdict, result.exit_code) == ("refused", 127)
    assert result.stderr == b"aws-polly runs no programs in batch; send code as a query instead\n"
