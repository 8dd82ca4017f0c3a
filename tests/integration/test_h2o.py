"""H2O-3 as a service, and started by programs; models that are trained in it."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING

import pytest

from driving import web
from driving.browser import browser
from driving.kernels import printed, until_printed

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Service

# A JVM, on a machine that does other things too.
pytestmark = [pytest.mark.parametrize("lang", ["h2o"]), pytest.mark.deadline(180)]

CONNECT = """
import h2o
h2o.{}(verbose=False)
h2o.no_progress()
print("in", h2o.cluster().cloud_name)
"""
TRAIN = """
from h2o.estimators import H2OGeneralizedLinearEstimator
taught = h2o.H2OFrame({"x": list(range(50)), "y": [3 * x + 1 for x in range(50)]}, "taught")
model = H2OGeneralizedLinearEstimator(lambda_=0, model_id="line")
model.train(x=["x"], y="y", training_frame=taught)
"""
ASK = """
asked = h2o.H2OFrame({"x": [100]})
print("predicted", round(h2o.get_model("line").predict(asked)[0, 0]))
"""
MOST = "print('most', int(h2o.cluster().nodes[0]['max_mem']))\n"
COMMAND_LINES = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"


async def get(service: Service, path: str, password: str | None = None) -> web.Reply:
    token = base64.b64encode(f"h2o:{password}".encode()).decode()
    headers = {} if password is None else {"Authorization": f"Basic {token}"}
    url = f"http://{service.host}:{service.port}{path}"
    return await asyncio.to_thread(web.get, url, headers)


async def test_defect_46_h2o_is_started_and_answers_on_its_port(fresh: Fresh) -> None:
    async with fresh(services=["h2o"]) as kernel:
        service = await kernel.start_service("h2o")
        password = service.credentials["password"]
        cloud = json.loads((await get(service, "/3/Cloud", password)).text)
        flow = await get(service, "/flow/index.html", password)

        assert (cloud["cloud_name"], cloud["cloud_healthy"]) == ("polykernel", True)
        assert "H2O Flow" in flow.text
        for guessed in (None, "", "guessed"):
            assert (await get(service, "/3/Cloud", guessed)).status == 401
        command_lines = await printed(kernel, COMMAND_LINES)
        assert "h2o.jar" in command_lines
        assert password not in command_lines


async def test_flow_opens_in_a_browser_by_the_url_that_a_start_gives(fresh: Fresh) -> None:
    async with fresh(services=["h2o"]) as kernel:
        service = await kernel.start_service("h2o")
        assert service.url
        await asyncio.to_thread(flow_opens, service.url)


async def test_what_one_program_trains_there_another_asks(fresh: Fresh) -> None:
    async with fresh() as kernel:
        await kernel.start_service("h2o")
        trained = await kernel.run({"main.py": CONNECT.format("connect") + TRAIN}, stdin="")
        asked = await kernel.query(CONNECT.format("init") + ASK, stdin="")
        again = await kernel.run({"main.py": CONNECT.format("init") + ASK}, stdin="")

    assert (trained.exit_code, asked.exit_code) == (0, 0), trained.stderr + asked.stderr
    assert "in polykernel\n" in trained.text
    for result in (asked, again):
        assert "in polykernel\n" in result.text
        assert "predicted 301\n" in result.text
        assert result.stderr == b""


@pytest.mark.parametrize("user", [None, "12345:0"])
async def test_a_program_starts_one_and_it_ends_with_it(fresh: Fresh, user: str | None) -> None:
    async with fresh(user=user) as kernel:
        program = CONNECT.format("init") + TRAIN + ASK + MOST
        result = await kernel.run({"main.py": program}, stdin="")

        assert result.exit_code == 0, result.stderr.decode()
        assert "predicted 301\n" in result.text
        assert "H2O_from_python" in result.text
        most = int(result.text.partition("most ")[2].partition("\n")[0])
        assert 512 << 20 < most <= 1 << 30, "half of what the container has"
        assert "h2o.jar" not in await printed(kernel, COMMAND_LINES)


async def test_a_query_starts_one_that_later_queries_have(fresh: Fresh) -> None:
    async with fresh() as kernel:
        trained = await kernel.query(CONNECT.format("init") + TRAIN, stdin="")
        assert trained.exit_code == 0, trained.stderr.decode()
        endless = kernel.query("print('started', flush=True)\nwhile True: pass")
        await until_printed(endless, "started\n")
        await kernel.interrupt()
        assert (await endless).verdict == "interrupted"

        assert "predicted 301\n" in (await kernel.query(ASK, stdin="")).text


async def test_when_the_service_has_been_stopped_a_program_starts_its_own(fresh: Fresh) -> None:
    async with fresh() as kernel:
        await kernel.start_service("h2o")
        await kernel.shutdown_service("h2o")
        result = await kernel.run({"main.py": CONNECT.format("init")}, stdin="")

        assert "in H2O_from_python" in result.text, result.stderr.decode()
        again = await kernel.start_service("h2o")
        assert again.credentials["password"]


async def test_the_services_of_python_are_here_too(fresh: Fresh) -> None:
    async with fresh(services=["jupyterlab"]) as kernel:
        app = await kernel.start_service("jupyterlab")
        assert app.url
        assert (await asyncio.to_thread(web.get, app.url)).status == 200


def flow_opens(url: str) -> None:
    with browser() as page:
        page.open(url)
        page.see("body", "Import file(s) into H2O")
