"""What a container of the client's looks like from inside, to programs and to the runner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from driving.containers import boxed, docker
from polykernel import TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from polykernel import Kernel

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

pytestmark = pytest.mark.parametrize("lang", ["python"])


async def shell(kernel: Kernel, command: str) -> str:
    """What a command prints, stderr too."""
    result = await kernel.execute("exec", f"exec 2>&1; {command}")
    return result.text


async def test_programs_have_no_capability_and_gain_none(kernel: Kernel) -> None:
    status = await shell(kernel, "cat /proc/self/status")

    assert set(re.findall(r"Cap(?:Inh|Prm|Eff|Amb):\t(\w+)", status)) == {"0" * 16}
    assert "NoNewPrivs:\t1" in status
    assert re.search(r"Uid:\t1000\t1000\t1000\t1000", status)


async def test_the_runner_has_just_what_separating_takes(kernel: Kernel) -> None:
    status = await shell(kernel, "cat /proc/1/status")

    # KILL, SETGID, SETUID: bits 5 to 7.
    assert "CapBnd:\t00000000000000e0" in status


async def test_the_system_is_read_only_and_programs_may_write_and_run_where_they_must(
    kernel: Kernel,
) -> None:
    for directory in ("/usr", "/etc", "/opt/polykernel", "/var/lib", "/run", "/run/polykernel"):
        said = await shell(kernel, f"touch {directory}/x")
        assert re.search(r"Read-only|Permission denied", said), directory
    for directory in ("/home/work", "/tmp", "/var/tmp"):
        program = f"{directory}/program"
        said = await shell(kernel, f"cp /bin/true {program} && {program} && echo ran; rm {program}")
        assert said == "ran\n"


async def test_there_is_no_network_unless_asked(kernel: Kernel, fresh: Fresh) -> None:
    assert await shell(kernel, "ls /sys/class/net") == "lo\n"
    async with fresh(network=True) as other:
        assert "eth0" in await shell(other, "ls /sys/class/net")


async def test_memory_processes_and_cpus_are_bounded(lang: str) -> None:
    async with boxed(lang, memory=200 << 20, processes=40, cpus=0.5) as box:
        with docker() as client:
            config = client.api.inspect_container(box.name)["HostConfig"]

    assert config["Memory"] == config["MemorySwap"] == 200 << 20
    assert config["PidsLimit"] == 40
    assert config["NanoCpus"] == 500_000_000


async def test_programs_can_open_neither_the_sockets_nor_the_keys(fresh: Fresh) -> None:
    for transport in ("ipc", "tcp"):
        async with fresh(transport=transport) as kernel:
            seen = await shell(kernel, "ls /run/polykernel/in; cat /run/polykernel/curve/*")
            assert "Permission denied" in seen
            assert "secret" not in seen.replace("server.key_secret", "")


async def test_no_key_is_in_the_environment_or_a_label(lang: str) -> None:
    async with boxed(lang, transport="tcp") as box:
        assert isinstance(box.endpoint, TcpEndpoint)
        assert box.endpoint.keys is not None
        with docker() as client:
            seen = str(client.api.inspect_container(box.name))

        assert box.endpoint.keys.secret.decode() not in seen
        assert box.endpoint.keys.server_public.decode() not in seen
        assert box.endpoint.keys.secret.decode() not in repr(box.endpoint)
