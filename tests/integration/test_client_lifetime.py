"""A client never leaves a container, a volume or a directory behind."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docker.errors import NotFound

from driving import client_process
from driving.client_process import containers, gone
from driving.containers import docker, image
from polykernel import ImageNotFoundError, Kernel, KernelDiedError, KernelTimeoutError
from polykernel.container import KERNEL_LABEL, OWNER_LABEL
from polykernel.owner import this_process
from polykernel.private import PrivateDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

pytestmark = pytest.mark.parametrize("lang", ["python"])


@pytest.fixture(autouse=True)
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the client makes its directories, for this test only."""
    with tempfile.TemporaryDirectory(prefix="pk-", dir="/tmp") as path:
        monkeypatch.setenv("XDG_RUNTIME_DIR", path)
        yield Path(path)


@pytest.fixture(autouse=True)
def no_directory_left(sockets: Path) -> Iterator[None]:
    yield
    # One that was killed could not; the next client does.
    PrivateDirectory().close()
    assert inside(sockets) == []


def inside(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def mine() -> list[str]:
    return containers(this_process() or "")


async def test_at_the_end(fresh: Fresh, sockets: Path) -> None:
    before = mine()
    async with fresh() as kernel:
        assert (await kernel.execute("exec", "echo hi")).stdout == b"hi\n"
        assert len(mine()) == len(before) + 1
        assert len(inside(sockets)) == 1

    assert mine() == before
    assert inside(sockets) == []


async def test_the_volume_with_the_keys_goes_too(fresh: Fresh) -> None:
    before = mine()
    async with fresh(transport="tcp") as kernel:
        assert (await kernel.execute("exec", "echo hi")).stdout == b"hi\n"
        (name,) = set(mine()) - set(before)
        with docker() as client:
            (mount,) = client.api.inspect_container(name.lstrip("/"))["Mounts"]

    assert mount["Type"] == "volume"
    with docker() as client, pytest.raises(NotFound):
        client.volumes.get(mount["Name"])


async def test_in_the_middle_of_a_flood(fresh: Fresh) -> None:
    before = mine()
    async with fresh() as kernel:
        async for _ in kernel.execute("exec", "yes"):
            break

    assert mine() == before


async def test_after_an_exception(fresh: Fresh) -> None:
    before = mine()
    with pytest.raises(ZeroDivisionError):
        async with fresh():
            raise ZeroDivisionError

    assert mine() == before


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3, 0.6])
async def test_when_the_start_is_cancelled(fresh: Fresh, seconds: float) -> None:
    async def start() -> None:
        async with fresh():
            await asyncio.sleep(1000)

    before = mine()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(start(), seconds)

    assert mine() == before


async def test_when_the_kernel_does_not_answer_in_time(fresh: Fresh) -> None:
    before = mine()
    with pytest.raises(KernelTimeoutError, match=r"did not answer at ipc://.* within 0.001 s"):
        async with fresh(start_timeout=0.001):
            pass

    assert mine() == before


async def test_when_the_container_dies(fresh: Fresh) -> None:
    before = mine()
    async with fresh() as kernel:
        run = kernel.execute("exec", "echo one; sleep 1000")
        async for _ in run:
            break
        (name,) = set(mine()) - set(before)
        with docker() as client:
            client.api.kill(name.lstrip("/"))
        with pytest.raises(KernelDiedError, match="has ended"):
            await run

    assert mine() == before


async def test_when_the_container_cannot_serve_its_log_says_why(fresh: Fresh) -> None:
    before = mine()
    with pytest.raises(KernelDiedError, match=r"POLYKERNEL_AUTH=nonsense") as raised:
        async with fresh(env={"POLYKERNEL_AUTH": "nonsense"}):
            pass

    assert raised.value.log
    assert mine() == before


async def test_an_image_that_is_missing_says_how_to_build_it(lang: str) -> None:
    assert lang
    with pytest.raises(ImageNotFoundError, match="invoke build --lang nonesuch"):
        async with Kernel.start("nonesuch"):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_when_the_client_is_killed(lang: str, number: signal.Signals, sockets: Path) -> None:
    process, owner = client_process.start(lang)
    assert len(containers(owner)) == 1

    process.send_signal(number)
    _, said = process.communicate(timeout=30)

    assert gone(owner)
    if number == signal.SIGINT:
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert inside(sockets) == []


async def test_what_a_killed_client_left_goes_with_the_next(fresh: Fresh, lang: str) -> None:
    process, owner = client_process.start(lang)
    process.kill()
    process.communicate(timeout=30)
    assert gone(owner)
    with docker() as client:
        client.api.create_container(image(lang), labels={KERNEL_LABEL: "1", OWNER_LABEL: owner})

    async with fresh():
        pass

    assert containers(owner) == []
