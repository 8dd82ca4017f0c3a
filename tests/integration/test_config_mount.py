"""What is mounted at /home/config is taken as far as it can be, and complained of where not."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from driving.containers import address, running
from driving.kernels import until_true
from polykernel import Kernel, TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from docker.models.containers import Container as Handle

pytestmark = pytest.mark.parametrize("lang", ["python"])

ENVIRON = """\
FIRST=one
a line without an equals sign
# a comment

QUOTED="as it is"
LAST=a=b ü
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


@asynccontextmanager
async def configured(
    lang: str, directory: Path, in_port: int = 2000
) -> AsyncIterator[tuple[Kernel, Handle]]:
    mount = {str(directory): {"bind": "/home/config", "mode": "ro"}}
    environment = {"POLYKERNEL_AUTH": "none"}
    with running(lang, volumes=mount, environment=environment) as container:
        endpoint = TcpEndpoint(host=address(container), in_port=in_port)
        async with Kernel.connect(endpoint) as kernel:
            yield kernel, container


async def test_defect_11_a_bad_line_costs_that_line(lang: str, config: Path) -> None:
    (config / "environ.txt").write_text(ENVIRON)
    show = "import os\nprint([os.environ.get(name) for name in ('FIRST', 'QUOTED', 'LAST')])"
    async with configured(lang, config) as (kernel, container):
        query = await kernel.query(show)
        batch = await kernel.run({"main.py": show}, stdin="")
        await until_true(lambda: b"line 2 is not KEY=value" in container.logs())

    assert query.text == batch.text == "['one', '\"as it is\"', 'a=b ü']\n"


async def test_ports_can_be_moved(lang: str, config: Path) -> None:
    (config / "intrinsic-ports.json").write_text(json.dumps({"replin": 3000, "other": 1}))
    async with configured(lang, config, 3000) as (kernel, container):
        assert (await kernel.query("1")).text == "1\n"
        await until_true(lambda: b"'other'" in container.logs())


async def test_ports_that_cannot_be_read_are_left_out(lang: str, config: Path) -> None:
    (config / "intrinsic-ports.json").write_text("{broken")
    async with configured(lang, config) as (kernel, container):
        assert (await kernel.query("1")).text == "1\n"
        await until_true(lambda: b"intrinsic-ports.json cannot be read" in container.logs())
