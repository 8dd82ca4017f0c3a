"""A kernel says what it is, and that it lives, also while something runs."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from driving.kernels import until
from polykernel import WaitingInput
from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

LANGUAGES = Tree.here().languages
C = pytest.mark.parametrize("lang", ["c"])


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_kernel_says_what_it_is(kernel: Kernel, lang: str) -> None:
    hello = await kernel.hello()

    assert (hello.protocol, hello.language, hello.busy) == (2, lang, False)
    assert re.fullmatch(r"\d+(\.\d+)+\S*", hello.language_version or "")
    assert set(LANGUAGES[lang].manifest.modes) <= set(hello.features)


@C
async def test_defect_16_a_language_without_state_promises_none(kernel: Kernel) -> None:
    assert "state" not in (await kernel.hello()).features


@C
async def test_the_containers_limits_are_told(fresh: Fresh) -> None:
    async with fresh(memory="300m", processes=77) as kernel:
        hello = await kernel.hello()

    assert hello.limits == {"memory": 300 << 20, "processes": 77}


@C
async def test_status_is_answered_while_something_runs(kernel: Kernel) -> None:
    idle = await kernel.status()
    run = kernel.execute("exec", "read x")
    queued = kernel.execute("exec", "true")
    await until(run, WaitingInput)
    busy, hello = await kernel.status(), await kernel.hello()
    await kernel.input_eof()
    await queued

    assert (idle.ready, idle.running, idle.queued) == (True, False, 0)
    assert (busy.ready, busy.running, busy.queued) == (True, True, 1)
    assert hello.busy
    assert 0 < time.time() - busy.started_at < 3600
