"""An image serves whatever uid it is started as, and whatever uid its user shall have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.containers import address, running
from polykernel import Kernel, TcpEndpoint
from polykernel_builder.catalog import Tree
from polykernel_builder.examples import load_examples

if TYPE_CHECKING:
    from typing import Any

    from driving.kernels import Fresh

LANGUAGES = Tree.here().languages
CLEAR = {"POLYKERNEL_AUTH": "none"}
WHO = "id -u; id -g; echo $HOME; touch here && stat -c %u:%g here"


async def run_hello(kernel: Kernel, lang: str) -> None:
    """Run the language's first program; where there are services only that is none."""
    for hello in load_examples(LANGUAGES[lang]):
        if hello.name == "hello":
            if "batch" in hello.modes:
                result = await kernel.run(hello.files, args=hello.args, stdin=hello.stdin or "")
            else:
                (code,) = hello.files.values()
                result = await kernel.query(code.decode(), args=hello.args, stdin=hello.stdin or "")
            assert result.text == hello.stdout, result.stderr.decode()
            assert result.verdict == hello.verdict


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_started_as_any_uid_with_keys(fresh: Fresh, lang: str) -> None:
    async with fresh(user="12345:0") as kernel:
        await run_hello(kernel, lang)
        who = await kernel.execute("exec", WHO)

    assert who.text.split() == ["12345", "0", "/home/work", "12345:0"]


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_started_as_any_uid_in_the_clear(lang: str) -> None:
    """As OpenShift does: no passwd entry, group 0, no capability."""
    settings: dict[str, Any] = {"user": "12345:0", "cap_drop": ["ALL"], "environment": CLEAR}
    with running(lang, **settings) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            await run_hello(kernel, lang)
            who = await kernel.execute("exec", WHO)

    assert who.text.split() == ["12345", "0", "/home/work", "12345:0"]


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_user_gets_the_number_that_is_asked_for(lang: str) -> None:
    environment = {**CLEAR, "LOCAL_USER_ID": "4711", "LOCAL_GROUP_ID": "4712"}
    with running(lang, environment=environment) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            await run_hello(kernel, lang)
            who = await kernel.execute("exec", f"{WHO}; whoami")

    assert who.text.split() == ["4711", "4712", "/home/work", "4711:4712", "work"]


@pytest.mark.parametrize("lang", ["c"])
async def test_a_developers_programs_have_a_name_though_nothing_can_be_written(lang: str) -> None:
    """1001 is whom our client has programs run as where it is run by 1000 itself."""
    settings: dict[str, Any] = {
        "environment": {**CLEAR, "LOCAL_USER_ID": "1001"},
        "read_only": True,
        "tmpfs": {"/tmp": "exec", "/home/work": "exec,uid=1001"},
    }
    with running(lang, **settings) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            who = await kernel.execute("exec", "id -u; id -un; id -gn; eval echo ~work")

    assert who.text.split() == ["1001", "work", "work", "/home/work"]


@pytest.mark.parametrize("lang", ["python"])
async def test_defect_47_the_user_is_looked_up_by_its_uid(lang: str) -> None:
    environment = {**CLEAR, "LOCAL_USER_ID": "4711"}
    with running(lang, environment=environment) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            who = await kernel.query("import getpass, os\nprint(getpass.getuser(), os.getuid())")

    assert who.text == "work 4711\n"


@pytest.mark.parametrize("lang", ["python"])
async def test_queries_work_as_any_uid(fresh: Fresh) -> None:
    async with fresh(user="12345:0") as kernel:
        who = await kernel.query("import os\nprint(os.getuid(), os.path.expanduser('~'))")

    assert who.text == "12345 /home/work\n"


@pytest.mark.parametrize("lang", ["c"])
async def test_defect_48_there_is_no_way_to_root(lang: str) -> None:
    environment = {**CLEAR, "SUDO_SESSION_ENABLED": "1"}
    with running(lang, environment=environment) as container:
        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            result = await kernel.execute("exec", "sudo -n id -u; su -c 'id -u' </dev/null; true")

    assert "0\n" not in result.text
