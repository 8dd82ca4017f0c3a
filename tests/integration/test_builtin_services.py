"""sshd and ttyd are on every image; who has the kernel's key gets in by ssh, and nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from driving.kernels import printed
from driving.ssh import Login, make_key
from polykernel import ServiceError
from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from driving.kernels import Fresh
    from polykernel import Kernel, Service

LANGUAGES = Tree.here().languages
C = pytest.mark.parametrize("lang", ["c"])
MODES = "stat -c '%a %n' .ssh .ssh/*"


def login(service: Service, directory: Path) -> Login:
    assert service.host is not None
    assert service.port is not None
    return Login.by(service.credentials, service.host, service.port, directory)


async def listening(kernel: Kernel) -> set[int]:
    """The ports at which somebody in the container listens, other than its own name server."""
    table = await printed(kernel, "cat /proc/net/tcp /proc/net/tcp6")
    rows = [line.split() for line in table.splitlines()]
    places = [row[1].split(":") for row in rows if row[3] == "0A"]
    return {int(port, 16) for host, port in places if host != "0B00007F"}


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_image_has_them(kernel: Kernel, lang: str) -> None:
    named = {app.name for app in await kernel.apps()}

    assert named >= set(LANGUAGES[lang].manifest.builtin_services)


@C
async def test_nothing_listens_before_it_is_started(fresh: Fresh) -> None:
    async with fresh(services=("sshd", "ttyd")) as kernel:
        before = await listening(kernel)
        await kernel.start_service("sshd")
        first = await listening(kernel)
        await kernel.start_service("ttyd")
        second = await listening(kernel)

    assert (before, first, second) == (set(), {2200}, {2200, 7681})


@C
async def test_a_command_and_the_kernels_environment(fresh: Fresh, tmp_path: Path) -> None:
    async with fresh(services=("sshd",), env={"GREETING": "it's me"}) as kernel:
        ssh = login(await kernel.start_service("sshd"), tmp_path)
        said = await ssh.run('id -u; pwd; echo "$HOME $SHELL $GREETING $PATH"; env | grep LD_ || :')
        inside = await printed(kernel, "id -u; pwd; echo $PATH")

    uid, work, path = inside.splitlines()
    assert said.splitlines() == [uid, work, f"{work} /bin/bash it's me {path}"]


@C
async def test_files_go_both_ways(fresh: Fresh, tmp_path: Path) -> None:
    given, back, more = (tmp_path / name for name in ("given", "back", "more"))
    given.write_bytes(bytes(range(256)) * 1000)
    async with fresh(services=("sshd",)) as kernel:
        ssh = login(await kernel.start_service("sshd"), tmp_path)
        await ssh.scp(given, "by-scp")
        await ssh.scp("by-scp", back)
        listed = await ssh.sftp(f"rename by-scp renamed\nls\nget renamed {more}\n")

    assert back.read_bytes() == more.read_bytes() == given.read_bytes()
    assert "renamed" in listed


@C
async def test_a_terminal(fresh: Fresh, tmp_path: Path) -> None:
    async with fresh(services=("sshd",)) as kernel:
        ssh = login(await kernel.start_service("sshd"), tmp_path)
        shown = await ssh.type("tty; echo $((6 * 7)) grüße; exit\n")

    assert "/dev/pts/" in shown
    assert "\r\n42 grüße\r\n" in shown


@C
async def test_nobody_gets_in_without_the_key(fresh: Fresh, tmp_path: Path) -> None:
    await make_key(tmp_path / "other")
    async with fresh(services=("sshd",)) as kernel:
        ssh = login(await kernel.start_service("sshd"), tmp_path)
        said = [
            await ssh.but(IdentityFile=str(tmp_path / "other")).refusal(),
            # What is tried is a password, which the server does not even ask for.
            await ssh.but(PubkeyAuthentication="no", BatchMode="no").refusal(),
        ]

    assert all("Permission denied (publickey)" in text for text in said)


@C
async def test_nobody_gets_in_as_root(fresh: Fresh, tmp_path: Path) -> None:
    async with fresh(services=("sshd",)) as kernel:
        ssh = login(await kernel.start_service("sshd"), tmp_path)
        said = await replace(ssh, user="root").refusal()

    assert "Permission denied (publickey)" in said


@C
async def test_defect_32_each_kernel_has_keys_of_its_own(fresh: Fresh, tmp_path: Path) -> None:
    directories = [tmp_path / "one", tmp_path / "two"]
    for directory in directories:
        directory.mkdir()
    async with fresh(services=("sshd",)) as one, fresh(services=("sshd",)) as two:
        services = await asyncio.gather(one.start_service("sshd"), two.start_service("sshd"))
        logins = list(map(login, services, directories))
        refusal = await logins[0].but(IdentityFile=logins[1].options["IdentityFile"]).refusal()
        others = "find /tmp/polykernel-ssh-* -perm /077 ! -type l ! -name pid"
        readable = await printed(one, others)

    first, second = (service.credentials for service in services)
    assert "Permission denied" in refusal
    assert first["private_key"] != second["private_key"]
    assert first["host_key"] != second["host_key"]
    assert readable == ""


@C
async def test_starting_it_again_changes_nothing(fresh: Fresh, tmp_path: Path) -> None:
    async with fresh(services=("sshd",)) as kernel:
        first = await kernel.start_service("sshd")
        keys = await printed(kernel, "cat .ssh/authorized_keys")
        running = await kernel.start_service("sshd")
        await kernel.shutdown_service("sshd")
        again = await kernel.start_service("sshd")
        assert await login(again, tmp_path).run("cat .ssh/authorized_keys") == keys
        assert await printed(kernel, "ls .ssh") == "authorized_keys\n"

    assert first.credentials == running.credentials == again.credentials


@C
async def test_keys_of_the_users_own_stay_and_are_private(fresh: Fresh, tmp_path: Path) -> None:
    own = await make_key(tmp_path / "own")
    async with fresh(services=("sshd",)) as kernel:
        await printed(kernel, f"mkdir -m 777 .ssh; printf '{own}' > .ssh/authorized_keys")
        service = await kernel.start_service("sshd")
        ssh = login(service, tmp_path)
        assert await ssh.but(IdentityFile=str(tmp_path / "own")).run("echo in") == "in\n"
        assert await ssh.run(MODES) == "700 .ssh\n600 .ssh/authorized_keys\n"


@C
async def test_as_any_uid(fresh: Fresh, tmp_path: Path) -> None:
    """Also one that /etc/passwd, which nobody can write, knows nothing of."""
    given = tmp_path / "given"
    given.write_text("given")
    async with fresh(user="12345:0", services=("sshd",)) as kernel:
        ssh = login(await kernel.start_service("sshd"), tmp_path)
        await ssh.scp(given, "copied")
        said = await ssh.run("id -u; whoami; pwd; cat copied")

    assert said == "12345\nwork\n/home/work\ngiven"


@C
async def test_without_a_home_to_write_to_it_says_so(fresh: Fresh) -> None:
    async with fresh(services=("sshd",)) as kernel:
        await printed(kernel, "touch .ssh")
        with pytest.raises(ServiceError, match=r"/home/work/\.ssh"):
            await kernel.start_service("sshd")
        await printed(kernel, "rm .ssh")
        await kernel.start_service("sshd")
