"""What runs a container: a runtime of the engine's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from driving.command import COMMAND
from driving.containers import boxed, docker
from polykernel import Kernel, OptionError, Pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

pytestmark = pytest.mark.parametrize("lang", ["bash"])


async def test_the_container_is_run_by_the_runtime_that_is_asked_for(lang: str) -> None:
    async with boxed(lang, runtime="runc") as box, Kernel.connect(box.endpoint) as kernel:
        with docker() as client:
            config = client.api.inspect_container(box.name)["HostConfig"]
        result = await kernel.query("echo hi", stdin="")

    assert config["Runtime"] == "runc"
    assert result.text == "hi\n"


async def test_one_that_the_engine_does_not_have_is_refused_with_those_it_has(
    lang: str, fresh: Fresh
) -> None:
    with pytest.raises(OptionError, match=r"no runtime 'nosuch'; it knows .*\brunc\b"):
        async with fresh(runtime="nosuch"):
            pass
    with pytest.raises(OptionError, match="no runtime 'nosuch'"):
        async with Pool(lang, 1, runtime="nosuch"):
            pass


def test_the_command_line_takes_it_too(lang: str) -> None:
    ran = {
        name: subprocess.run(
            [*COMMAND, "query", "--runtime", name, lang, "echo hi"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        for name in ("runc", "nosuch")
    }

    assert (ran["runc"].returncode, ran["runc"].stdout) == (0, "hi\n")
    assert ran["nosuch"].returncode == 2
    assert "polykernel: the engine has no runtime 'nosuch'; it knows" in ran["nosuch"].stderr
