"""What `%show graph` shows in the git image's shell, and what it leaves alone."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from driving.containers import address, give, running
from driving.kernels import fine
from polykernel import Kernel, TcpEndpoint
from support.repositories import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from driving.kernels import Fresh
    from polykernel import Result

pytestmark = pytest.mark.parametrize("lang", ["git"])

GRAPH, SVG = "application/vnd.sorna.gitgraph", "image/svg+xml"
IDENTITY = " ".join(
    f"GIT_{role}_NAME=Ada GIT_{role}_EMAIL=ada@example.org" for role in ("AUTHOR", "COMMITTER")
)
HOSTILE = "größer ≥ 東京 🙂 <script>alert(1)</script> \x1b[31m"
RUNNER = "^/opt/polykernel/env/bin/python -I -S /opt/polykernel/start.py "
RUNNERS_DIRECTORY = f"""
for process in /proc/[0-9]*; do
    tr '\\0' ' ' <$process/cmdline | grep -q '{RUNNER}' && readlink $process/cwd
done
"""


async def repository(kernel: Kernel, name: str, *subjects: str) -> None:
    """A new repository in the work directory, with commits of nothing; no query stays in it."""
    lines = [f"cd; rm -rf {name}; git init -q {name}; export {IDENTITY}"]
    lines += [f"git -C {name} commit -q --allow-empty -m '{subject}'" for subject in subjects]
    await fine(kernel, "\n".join(lines))


def texts(result: Result) -> list[str]:
    """What the picture says."""
    (picture,) = (media.data for media in result.media if media.type == SVG)
    root = ET.fromstring(picture)  # noqa: S314  our own
    return [element.text for element in root.iter() if element.text]


def subjects(result: Result) -> list[str]:
    """What the data say, oldest first."""
    (data,) = (media.data for media in result.media if media.type == GRAPH)
    return [commit["message"] for commit in json.loads(data)]


async def test_a_graph_is_data_for_old_clients_and_a_picture_for_all(kernel: Kernel) -> None:
    await repository(kernel, "story", "Begin", HOSTILE)
    await fine(kernel, "cd story; git tag v1.0; mkdir below; cd below")
    result = await kernel.query("%show graph")

    assert (result.verdict, result.stdout, result.stderr) == ("ok", b"", b"")
    assert [media.type for media in result.media] == [GRAPH, SVG]
    assert subjects(result) == ["Begin", HOSTILE]
    assert {"main", "v1.0", "Begin", "Ada"} <= {*texts(result)}
    assert HOSTILE.replace("\x1b", "␛") in texts(result)


async def test_a_graph_is_that_of_where_the_shell_is_or_is_told(kernel: Kernel) -> None:
    await repository(kernel, "here", "in here")
    await repository(kernel, "there", "over there")

    assert subjects(await kernel.query("cd here\n%show graph\ncd ..")) == ["in here"]
    assert subjects(await kernel.query("%show graph there")) == ["over there"]
    assert subjects(await kernel.query("GIT_DIR=there/.git\nexport GIT_DIR\n%show graph")) == [
        "over there"
    ]
    await fine(kernel, "unset GIT_DIR")


@pytest.mark.parametrize(
    ("code", "exit_code", "says"),
    [
        ("cd /tmp\n%show graph", 128, "fatal: not a git repository"),
        ("%show graph nowhere", 128, "cannot change to 'nowhere'"),
        ("cd; git init -q empty\n%show graph empty", 1, "there are no commits to show yet"),
        ("%show tree", 2, "%show shows no 'tree'; usage: %show graph [DIRECTORY]"),
        ("%show", 2, "%show what?"),
        ("%show graph 'a", 2, "No closing quotation"),
        ("%shwo graph", 2, "there is no command %shwo"),
    ],
)
async def test_what_cannot_be_shown_is_told(
    kernel: Kernel, code: str, exit_code: int, says: str
) -> None:
    result = await kernel.query(code)

    assert (result.verdict, result.exit_code, result.media) == ("error", exit_code, ())
    assert says in result.stderr.decode()


async def test_defect_34_showing_a_graph_moves_nobody(lang: str) -> None:
    settings = {"environment": {"POLYKERNEL_AUTH": "none"}, "cap_add": ["SYS_PTRACE"]}
    with running(lang, **settings) as container:

        async def directories(kernel: Kernel) -> list[str]:
            _, runner = container.exec_run(["sh", "-c", RUNNERS_DIRECTORY], user="0")
            assert isinstance(runner, bytes)
            step = await kernel.execute("exec", "pwd")
            return [runner.decode(), await fine(kernel, "pwd"), step.text]

        async with Kernel.connect(TcpEndpoint(host=address(container))) as kernel:
            before = await directories(kernel)
            await repository(kernel, "/tmp/elsewhere", "Begin")
            for code in ("%show graph /tmp/elsewhere", "cd /tmp/elsewhere\n%show graph\ncd"):
                assert (await kernel.query(code)).verdict == "ok"

            assert before == ["/home/work\n"] * 3
            assert await directories(kernel) == before


async def test_a_mounted_repository_of_somebody_elses_is_read(
    fresh: Fresh, lang: str, tmp_path: Path
) -> None:
    for path in (tmp_path, *list(tmp_path.parents)[:2]):
        if path.stat().st_uid == os.getuid():
            path.chmod(0o755)
    theirs = Repository(tmp_path)
    theirs.do("git init -q .; git commit -q --allow-empty -m theirs")
    give(lang, theirs.path, 4711)
    try:
        async with fresh(workdir=tmp_path) as kernel:
            result = await kernel.query(f"""git -C "{theirs.path.name}" status --short
                %show graph "{theirs.path.name}" """)
    finally:
        give(lang, theirs.path, os.getuid())

    assert result.verdict == "ok", result.stderr.decode()
    assert subjects(result) == ["theirs"]
