"""JupyterLab, notebook, TensorBoard and ipython, started as services and used as a person does."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from driving import web
from driving.browser import browser
from driving.containers import docker
from driving.notebooks import answer_in_console, answer_in_lab, answer_in_notebook
from polykernel import ServiceError
from polykernel_builder.catalog import Tree
from polykernel_builder.commands import ca_bundle
from polykernel_builder.wheels import WheelCache

if TYPE_CHECKING:
    from pathlib import Path

    from driving.kernels import Fresh

pytestmark = pytest.mark.parametrize("lang", ["python"])

# A browser, on a machine that does other things too.
SLOW = pytest.mark.deadline(180)
JUPYTER = pytest.mark.parametrize("app", ["jupyterlab", "notebook", "jupyter"])
# One is the name of a library that Jupyter's server loads, the other is for the user's own code.
FILES = {"jinja2.py": "raise SystemExit('this is not the library')", "mine.py": "six = 6"}
COMMAND_LINES = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
# Writes a curve, as a program in training does.
TRAINING = """
import pathlib
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

pathlib.Path("logs").mkdir(exist_ok=True)
writer = EventFileWriter("logs")
for step in range(5):
    value = summary_pb2.Summary.Value(tag="loss", simple_value=1 / (step + 1))
    writer.add_event(event_pb2.Event(step=step, summary=summary_pb2.Summary(value=[value])))
writer.close()
"""


@SLOW
async def test_a_cell_runs_in_jupyterlab_in_spite_of_files_named_as_libraries(fresh: Fresh) -> None:
    async with fresh(services=["jupyterlab"]) as kernel:
        await kernel.run(FILES, exec="true")
        app = await kernel.start_service("jupyterlab")
        assert app.url
        assert (
            await asyncio.to_thread(answer_in_lab, app.url, "from mine import six; six*7") == "42"
        )


@SLOW
@pytest.mark.parametrize(("app", "user"), [("notebook", None), ("jupyter", "12345:0")])
async def test_a_cell_runs_in_jupyter_notebook(fresh: Fresh, app: str, user: str | None) -> None:
    async with fresh(services=[app], user=user) as kernel:
        started = await kernel.start_service(app)
        assert started.url
        assert await asyncio.to_thread(answer_in_notebook, started.url, "6*7") == "42"


@SLOW
async def test_ipython_answers_in_a_terminal_in_the_browser(fresh: Fresh) -> None:
    async with fresh(services=["ipython"]) as kernel:
        app = await kernel.start_service("ipython")
        assert app.url
        await asyncio.to_thread(ipython_answers, app.url)


@JUPYTER
async def test_who_has_no_token_is_not_let_in(fresh: Fresh, app: str) -> None:
    async with fresh(services=[app]) as kernel:
        started = await kernel.start_service(app)
        root = f"http://{started.host}:{started.port}"
        token = started.credentials["token"]

        def ask(path: str, **headers: str) -> web.Reply:
            return web.get(root + path, headers)

        for path in ("/", "/lab", "/tree", "/lab?token=guessed"):
            assert (await asyncio.to_thread(ask, path)).path == "/login"
        for path in ("/api/contents", "/api/kernels", "/api/contents?token=guessed"):
            assert (await asyncio.to_thread(ask, path)).status == 403
        let_in = await asyncio.to_thread(ask, "/api/contents", Authorization=f"token {token}")
        assert let_in.status == 200


@pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
async def test_behind_a_proxy_the_token_is_enough(fresh: Fresh, app: str) -> None:
    async with fresh(services=[app]) as kernel:
        started = await kernel.start_service(app)
        assert started.url
        elsewhere = {"Host": "proxy.example:10200", "Origin": "https://proxy.example:10200"}

        assert (await asyncio.to_thread(web.get, started.url, elsewhere)).status == 200


@JUPYTER
async def test_no_command_line_tells_the_token(fresh: Fresh, app: str) -> None:
    async with fresh() as kernel:
        token = (await kernel.start_service(app)).credentials["token"]
        said = await kernel.execute("exec", COMMAND_LINES)

    assert len(token) >= 32
    assert "--ServerApp" in said.text
    assert token not in said.text


@SLOW
async def test_jupyterlab_opens_where_nothing_can_be_written(fresh: Fresh, tmp_path: Path) -> None:
    for path in (tmp_path, *list(tmp_path.parents)[:2]):
        path.chmod(0o755)
    async with fresh(services=["jupyterlab"], workdir=tmp_path, user="12345:0") as kernel:
        app = await kernel.start_service("jupyterlab")
        assert app.url
        assert await asyncio.to_thread(answer_in_console, app.url, "6*7") == "42"


async def test_a_start_may_say_where_below_a_proxy_jupyter_is(fresh: Fresh) -> None:
    async with fresh(services=["jupyterlab"]) as kernel:
        arguments = {"--ServerApp.base_url": "/mine/", "--ServerApp.root_dir": "/usr/share"}
        app = await kernel.start_service("jupyterlab", arguments=arguments)
        url = f"http://{app.host}:{app.port}/mine/api/contents/doc?token={app.credentials['token']}"

        assert (await asyncio.to_thread(web.get, url)).status == 200


async def test_tensorboard_that_is_not_installed_says_how_to(fresh: Fresh) -> None:
    async with fresh() as kernel:
        with pytest.raises(ServiceError, match="pip install --user tensorboard"):
            await kernel.start_service("tensorboard")


@SLOW
async def test_tensorboard_shows_what_was_trained(fresh: Fresh, wheels: Path) -> None:
    requirements = "--no-index\n--find-links wheels\ntensorboard\n"
    async with fresh(services=["tensorboard"], workdir=wheels.parent) as kernel:
        trained = await kernel.run({"main.py": TRAINING, "requirements.txt": requirements})
        assert trained.exit_code == 0, trained
        app = await kernel.start_service("tensorboard")
        assert app.url
        await asyncio.to_thread(sees_the_curve, app.url)
        said = await kernel.execute("exec", COMMAND_LINES)
        assert "start_tensorboard" in said.text
        assert app.credentials["token"] not in said.text

        root = f"http://{app.host}:{app.port}"
        for path in ("/", "/guessed/", "/data/environment"):
            assert (await asyncio.to_thread(web.get, root + path)).status == 404

        await kernel.shutdown_service("tensorboard")
        await kernel.start_service("tensorboard", arguments={"--path_prefix": ""})
        assert "TensorBoard" in (await asyncio.to_thread(web.get, root)).text


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """TensorBoard and all it needs, in the work directory of a kernel."""
    with docker() as client:
        cache = WheelCache(Tree.here().cache, client.info()["Architecture"], ca_bundle(None))
    lock = Tree.here().root / "requirements" / "tensorboard.lock"
    for path in (tmp_path, *list(tmp_path.parents)[:2]):
        path.chmod(0o755)
    work = tmp_path / "work"
    shutil.copytree(cache.directory(lock), work / "wheels")
    work.chmod(0o777)
    return work / "wheels"


def sees_the_curve(url: str) -> None:
    with browser() as page:
        page.open(url)
        page.see("scalar-card", "loss")
        page.see("scalar-card", "0.2")


def ipython_answers(url: str) -> None:
    with browser() as page:
        page.open(url)
        page.see(".xterm-rows", "In [1]:")
        page.press("6*7\n")
        page.see(".xterm-rows", "Out[1]: 42")
