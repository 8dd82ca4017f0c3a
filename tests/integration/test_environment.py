"""What a container is given at its start: dotfiles, bootstrap scripts, hooks, options."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from driving.containers import address, docker, image, running
from driving.kernels import until_true
from polykernel import Kernel, TcpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from docker.models.containers import Container as Handle

pytestmark = pytest.mark.parametrize("lang", ["c"])

CLEAR = {"POLYKERNEL_AUTH": "none"}
# A hook that does all that the entrypoint itself does not allow itself, and goes on.
HOOK = r"""
export HOOKED="by $(id -u)"
false
set -- other arguments
echo "hooked $nothing"
"""
DAEMON = "#!/bin/bash\nsleep 4720 &\necho up as $(id -un)\ncat ~/.config/tool/rc\n"


@asynccontextmanager
async def started(lang: str, **settings: Any) -> AsyncIterator[tuple[Kernel, Handle]]:  # noqa: ANN401
    """A container as `docker run` starts it, spoken to in the clear."""
    environment = {**CLEAR, **settings.pop("environment", {})}
    with running(lang, environment=environment, **settings) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            yield kernel, container


@contextmanager
def hooked(lang: str, hook: str, context: Path) -> Iterator[str]:
    """An image derived from `lang`'s that has a hook; what it is called in place of `lang`."""
    (context / "bootstrap.sh").write_text(hook)
    (context / "Dockerfile").write_text(
        f"FROM {image(lang)}\nCOPY bootstrap.sh /opt/container/bootstrap.sh\n"
    )
    name = f"{lang}-hooked"
    with docker() as client:
        client.images.build(path=str(context), tag=image(name), rm=True)
        try:
            yield name
        finally:
            client.images.remove(image(name), force=True)


def mounted(directory: Path, dotfiles: list[object]) -> dict[str, object]:
    directory.chmod(0o755)
    (directory / "dotfiles.json").write_text(json.dumps(dotfiles))
    return {str(directory): {"bind": "/home/config", "mode": "ro"}}


def dotfile(path: str, data: str, perm: str) -> dict[str, str]:
    return {"path": path, "data": data, "perm": perm}


async def test_dotfiles_and_bootstrap_come_before_the_first_run(lang: str, tmp_path: Path) -> None:
    volumes = mounted(
        tmp_path,
        [
            dotfile("/home/work/.config/tool/rc", "grün\n", "600"),
            dotfile("bootstrap.sh", DAEMON, "755"),
            dotfile("/etc/profile.d/mine.sh", "never", "644"),
            {"path": "bad"},
        ],
    )
    show = (
        "cd ~; stat -c %a:%U .config .config/tool .config/tool/rc; pgrep -fx 'sleep 4720' | wc -l"
    )
    show = (
        "cd ~; stat -c %a:%U .config .config/tool .config/tool/rc; grep -c . /etc/profile.d/mine.sh"
    )
    async with started(lang, volumes=volumes) as (kernel, container):
        result = await kernel.execute("exec", show)
        daemons = [" ".join(row[7:]) for row in container.top()["Processes"]]
        log = container.logs().decode()

    assert result.text == "755:work\n755:work\n600:work\n"
    assert "sleep 4720" in daemons
    assert "INFO bootstrap.sh: up as work\nINFO bootstrap.sh: grün\n" in log
    assert "entry 4 is left out" in log
    assert "WARNING the dotfile '/etc/profile.d/mine.sh' is left out: its path leads out" in log


async def test_defect_14_a_container_serves_though_its_bootstrap_never_ends(
    lang: str, tmp_path: Path
) -> None:
    volumes = mounted(tmp_path, [dotfile("bootstrap.sh", "while :; do sleep 1; done", "644")])
    environment = {"POLYKERNEL_BOOTSTRAP_TIME": "2"}
    async with started(lang, volumes=volumes, environment=environment) as (kernel, container):
        before = await kernel.status()
        result = await kernel.execute("exec", "echo served")
        after = await kernel.status()
        await until_true(lambda: b"WARNING bootstrap.sh was killed" in container.logs())

    assert (before.ready, result.text, after.ready) == (False, "served\n", True)


@pytest.mark.parametrize("user", ["0", "12345:0"])
async def test_an_images_hook_is_sourced(lang: str, user: str, tmp_path: Path) -> None:
    with hooked(lang, HOOK, tmp_path) as derived:
        async with started(derived, user=user) as (kernel, container):
            result = await kernel.execute("exec", 'echo "$HOOKED"; id -u')
            log = container.logs()

    assert log == b"hooked \n"
    by, uid = ("0", "1000") if user == "0" else ("12345", "12345")
    assert result.text == f"by {by}\n{uid}\n"


async def test_options_reach_the_runner(lang: str) -> None:
    async with started(lang, command=["--debug", "--log", "json"]) as (kernel, container):
        assert (await kernel.execute("exec", "echo out")).text == "out\n"
        lines = [json.loads(line) for line in container.logs().splitlines()]

    assert {"DEBUG"} == {line["level"] for line in lines}
    assert "received b'exec', 18 bytes" in {line["message"] for line in lines}


async def test_an_option_that_is_none_ends_the_container(lang: str) -> None:
    with running(lang, command=["--loud"], environment=CLEAR) as container:
        assert container.wait()["StatusCode"] == 2
        said = container.logs().decode()

    assert said.startswith("usage: polykernel_runner")
    assert "--loud" in said


@pytest.mark.parametrize("name", ["LOCAL_USER_ID", "LOCAL_GROUP_ID"])
async def test_defect_48_no_variable_makes_user_code_root(lang: str, name: str) -> None:
    with running(lang, environment={**CLEAR, name: "0"}) as container:
        assert container.wait()["StatusCode"] == 78
        said = container.logs().decode()

    assert f"{name}=0 is not the number of an ordinary" in said


async def test_defect_48_no_secret_lies_open(lang: str) -> None:
    """Of what the start of a container changed in its image, the user's name and number only."""
    environment = {"LOCAL_USER_ID": "4711", "SUDO_SESSION_ENABLED": "1"}
    look = "for name in sudo doas pkexec; do command -v $name; done; find ~ /tmp -type f; id -u"
    async with started(lang, environment=environment) as (kernel, container):
        found = await kernel.execute("exec", look)
        shadow = await kernel.execute("exec", "cat /etc/shadow")
        changed = {item["Path"] for item in container.diff()}

    assert found.text.splitlines()[-1] == "4711"
    assert "password" not in found.text
    assert not [
        line for line in found.text.splitlines()[:-1] if not line.startswith("/home/work/.")
    ]
    assert shadow.exit_code == 1
    # What user code has of its own: the directory for pictures.
    private = {path for path in changed if str(path).startswith("/tmp/polykernel-")}
    assert changed - private <= {
        "/etc",
        "/etc/passwd",
        "/etc/group",
        "/home",
        "/home/work",
        "/run",
        "/tmp",
    }


async def test_what_batch_steps_print_is_kept_where_it_is_looked_for(lang: str) -> None:
    environment = {"BACKENDAI_KERNEL_ID": "01234567-89ab-cdef-0123-456789abcdef"}
    async with started(lang, environment=environment) as (kernel, _):
        await kernel.execute("exec", "mkdir .logs; echo unseen")
        await kernel.execute("build", "echo built")
        await kernel.execute("exec", "echo $_BACKEND_BATCH_MODE >&2")
        # What is printed now is written there, too, so a copy is shown.
        show = "cd .logs/task; cp */*/* /tmp/copy; stat -c '%U %n' */*/*; cat /tmp/copy"
        result = await kernel.execute("exec", show)

    name = "01/23/456789abcdef0123456789abcdef.log"
    assert result.text == f"work {name}\nbuilt\n1\n"
