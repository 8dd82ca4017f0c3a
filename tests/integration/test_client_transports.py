"""The ways to reach a container, and who reaches it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zmq
from docker.errors import APIError

from driving.containers import boxed, docker
from polykernel import Kernel, KernelTimeoutError, OptionError, TcpEndpoint, network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

pytestmark = pytest.mark.parametrize("lang", ["python"])

# The modules that a first kernel needs are loaded before the user changes: the interpreter may be
# where the other user cannot read.
AS_ANOTHER = """
import asyncio, os, sys
from polykernel import Kernel

async def main(**options):
    async with Kernel.start(sys.argv[1], **options) as kernel:
        result = await kernel.execute("exec", "touch here; id -u; ls /home/work; ls -ln .")
        kind = "ipc" if "ipc" in kernel._connection._requests.last_endpoint.decode() else "tcp"
        print(kind, result.exit_code, result.text.split()[0], (result.stdout + result.stderr))

uid = int(sys.argv[2])
if uid:
    asyncio.run(main())
    asyncio.run(main(transport="tcp"))
    os.setgroups([os.stat("/var/run/docker.sock").st_gid])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
asyncio.run(main())
asyncio.run(main(workdir=sys.argv[3]))
"""


@pytest.fixture
def workdir() -> Iterator[Path]:
    # pytest's own directories are open to their owner only, up to the root.
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        yield Path(path)


async def test_tcp_with_curve_does_all_that_ipc_does(fresh: Fresh) -> None:
    async with fresh(transport="tcp") as kernel:
        result = await kernel.run({"main.py": "print(input())"}, answers=["Ada"])
        assert (await kernel.hello()).language == "python"

    assert result.stdout == b"Ada\n"


async def test_who_has_no_key_is_not_heard(lang: str) -> None:
    public, secret = zmq.curve_keypair()
    async with boxed(lang, transport="tcp") as box:
        assert isinstance(box.endpoint, TcpEndpoint)
        assert box.endpoint.keys is not None
        async with Kernel.connect(box.endpoint):
            pass
        wrong = replace(box.endpoint.keys, public=public, secret=secret)
        for keys in (wrong, None):
            with pytest.raises(KernelTimeoutError, match="are the keys the ones it knows"):
                async with Kernel.connect(replace(box.endpoint, keys=keys), start_timeout=1):
                    pass


async def test_with_tcp_the_network_has_no_way_out(lang: str) -> None:
    async with boxed(lang, transport="tcp") as box:
        with docker() as client:
            container = client.api.inspect_container(box.name)
            (name,) = container["NetworkSettings"]["Networks"]
            found = client.api.inspect_network(name)

    assert found["Options"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"


async def test_clients_that_start_at_once_share_one_network(fresh: Fresh) -> None:
    async def ask() -> float:
        async with fresh(transport="tcp") as kernel:
            return (await kernel.status()).started_at

    with docker() as client:
        # Where other kernels use it, it is there already, and the test proves less.
        with suppress(APIError):
            client.api.remove_network(network.NAME)
        await asyncio.gather(ask(), ask(), ask())

        assert len(client.api.networks(names=[network.NAME])) == 1


@pytest.mark.parametrize("uid", [1000, 12345])
def test_an_ordinary_user_needs_nothing_but_the_engine(lang: str, workdir: Path, uid: int) -> None:
    if os.geteuid() == 0:
        os.chown(workdir, uid, uid)
    else:
        uid = 0
    ran = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, lang, str(uid), str(workdir)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )

    *_, private, mounted = ran.stdout.strip().splitlines()
    programs = {1000: "1001", 12345: "1000"}.get(uid or os.geteuid(), "1000")
    assert private.split()[:3] == ["ipc", "0", programs]
    # Programs may write into what is theirs as they may not open sockets that are.
    assert mounted.split()[:3] == ["tcp", "0", str(uid or os.geteuid())]
    assert workdir.joinpath("here").stat().st_uid == (uid or os.geteuid())


async def test_any_uid_inside(fresh: Fresh) -> None:
    async with fresh(user="12345:0") as kernel:
        result = await kernel.execute("exec", "id -u; touch here && echo written")

    assert result.text == "12345\nwritten\n"


async def test_ipc_is_refused_where_programs_could_open_the_sockets(fresh: Fresh) -> None:
    with pytest.raises(OptionError, match="use transport='tcp'"):
        async with fresh(user="12345:0", transport="ipc"):
            pass
