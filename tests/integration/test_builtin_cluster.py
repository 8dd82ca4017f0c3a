"""sshd as a cluster's agent wants it: its nodes reach one another."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from driving.containers import address, given, running
from driving.kernels import printed
from driving.ssh import Login, make_key
from polykernel import Kernel, TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.parametrize("lang", ["c"])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    (tmp_path / "ssh").mkdir()
    return tmp_path


@asynccontextmanager
async def node(lang: str, config: Path) -> AsyncIterator[tuple[Kernel, str]]:
    """A kernel as a cluster's agent starts it, and its address."""
    mount = {str(config): {"bind": "/home/config", "mode": "ro"}}
    with running(lang, volumes=mount, environment={"POLYKERNEL_AUTH": "none"}) as container:
        host = address(container)
        async with Kernel.connect(TcpEndpoint(host=host)) as kernel:
            yield kernel, host


async def test_the_port_is_where_the_host_wants_it(
    lang: str, config: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (config / "intrinsic-ports.json").write_text(json.dumps({"sshd": 3200}))
    async with node(lang, config) as (kernel, host):
        service = await kernel.start_service("sshd")
        ssh = Login.by(service.credentials, host, 3200, tmp_path_factory.mktemp("ssh"))
        assert await ssh.run("echo in") == "in\n"


async def test_a_node_of_a_cluster_is_open_to_the_others_from_its_start(
    lang: str, config: Path
) -> None:
    await make_key(config / "ssh" / "id_cluster")
    key = (config / "ssh" / "id_cluster").read_text()
    login = {"username": "work", "private_key": key, "host_key": ""}
    async with node(lang, config) as (_, host):
        ssh = Login.by(login, host, 2200, config)
        any_host = {"StrictHostKeyChecking": "no", "UserKnownHostsFile": "/dev/null"}
        assert await ssh.but(**any_host, ConnectionAttempts="20").run("echo in") == "in\n"


async def test_defect_28_the_nodes_of_a_cluster_reach_one_another(lang: str, config: Path) -> None:
    ssh = config / "ssh"
    await make_key(ssh / "id_cluster")
    async with node(lang, config) as (main, main_host), node(lang, config) as (sub, sub_host):
        mapping = {"main1": [main_host, 2200], "sub1": [sub_host, 2200]}
        (ssh / "port-mapping.json").write_text(json.dumps(mapping))
        with given(lang, ssh, 1000):
            for kernel in (main, sub, main):
                await kernel.start_service("sshd")
                await kernel.shutdown_service("sshd")
                await kernel.start_service("sshd")
            there = await printed(main, "ssh sub1 hostname -i")
            back = await printed(sub, "ssh main1 hostname -i")
        counts = await printed(main, "grep -c ^Host .ssh/config; wc -l <.ssh/authorized_keys")

    assert (there.strip(), back.strip()) == (sub_host, main_host)
    assert counts == "2\n2\n"
