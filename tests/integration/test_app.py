"""The image that is made for services: it refuses the rest, and serves what is put into it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from driving import web
from driving.containers import address, docker, image, running
from polykernel import Kernel, TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driving.kernels import Fresh

pytestmark = pytest.mark.parametrize("lang", ["app"])

PORT = 8123
DEFINITION = {
    "command": ["{runtime_path}", "-m", "http.server", "{ports[0]}", "--directory", "/srv/site"],
    "url_template": "{protocol}://{host}:{port}/",
}
DOCKERFILE = f"""
FROM {{parent}}
COPY index.html /srv/site/
COPY web.json /etc/polykernel/service-defs/
LABEL ai.backend.service-ports="web:http:{PORT}"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    tmp_path.joinpath("index.html").write_text("put into it")
    tmp_path.joinpath("web.json").write_text(json.dumps(DEFINITION))
    return tmp_path


@pytest.fixture
def own_image(site: Path, lang: str) -> Iterator[str]:
    """An image as somebody builds it on ours."""
    site.joinpath("Dockerfile").write_text(DOCKERFILE.format(parent=image(lang)))
    with docker() as client:
        built, _ = client.images.build(path=str(site), rm=True)
        yield str(built.id)
        client.images.remove(str(built.id), force=True)


async def test_a_service_put_into_an_image_built_on_it_is_reached(
    fresh: Fresh, own_image: str
) -> None:
    async with fresh(image=own_image, services=["web"]) as kernel:
        service = await kernel.start_service("web")
        assert service.url
        reply = await asyncio.to_thread(web.get, service.url)

    assert (reply.status, reply.text) == (200, "put into it")


async def test_a_service_that_is_mounted_is_reached(site: Path, lang: str) -> None:
    volumes = {
        str(site / "index.html"): {"bind": "/srv/site/index.html", "mode": "ro"},
        str(site / "web.json"): {"bind": "/etc/backend.ai/service-defs/web.json", "mode": "ro"},
    }
    with running(lang, volumes=volumes, environment={"POLYKERNEL_AUTH": "none"}) as container:
        host = address(container)
        async with Kernel.connect(TcpEndpoint(host=host)) as kernel:
            await kernel.start_service("web", port=PORT, protocol="http")
            reply = await asyncio.to_thread(web.get, f"http://{host}:{PORT}/")

    assert reply.text == "put into it"


async def test_it_has_what_every_image_has_and_promises_no_more(kernel: Kernel) -> None:
    assert [app.name for app in await kernel.apps()] == ["sshd", "ttyd"]
    assert not {"batch", "query", "state"} & {*(await kernel.hello()).features}


async def test_programs_and_queries_are_refused_with_what_to_do_instead(kernel: Kernel) -> None:
    run = await kernel.run({"main.py": "print(1)"})
    query = await kernel.query("print(1)")

    assert (run.verdict, run.exit_code, run.build) == ("refused", 127, None)
    assert (query.verdict, query.exit_code) == ("refused", 127)
    assert run.stderr.startswith(b"app runs no programs in batch: it has services only;")
    assert query.stderr.startswith(b"app answers no queries: it has services only;")
    assert b"start-service" in run.stderr
    assert b"start-service" in query.stderr


async def test_each_request_of_part_1_is_answered_once_and_the_kernel_lives(kernel: Kernel) -> None:
    steps = [kernel.execute(step, "*") for step in ("clean", "build", "exec", "exec")]
    endings = [await step for step in steps]

    assert [ending.verdict for ending in endings] == ["skipped", *["refused"] * 3]
    assert [ending.exit_code for ending in endings] == [0, 127, 127, 127]
    assert (await kernel.execute("exec", "echo alive")).text == "alive\n"
    assert (await kernel.status()).ready
