"""What is done before a service starts."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.errors import ServiceError
from polykernel_runner.services.actions import Actions
from polykernel_runner.services.prestart import parse
from support.programs import PATIENCE

if TYPE_CHECKING:
    from polykernel_runner.services.template import Value
    from support.services import Bench

VALUES: dict[str, Value] = {"ports": (8080,), "token": "s3cret"}


async def do(bench: Bench, name: str, number: int = 1, /, **args: object) -> Value:
    step = parse("the action", {"action": name, "args": args})
    performing = Actions(bench.runtime, "web").perform(step, number, VALUES)
    return await asyncio.wait_for(performing, PATIENCE)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_write_file_writes_lines_in_the_work_directory(bench: Bench) -> None:
    path = bench.work / "a {port}"
    given = await do(bench, "write_file", filename="a {{port}}", body=["port {ports[0]}", "é"])
    assert (given, path.read_text()) == (str(path), "port 8080\né\n")
    assert mode(path) == 0o644


async def test_defect_27_append_appends(bench: Bench) -> None:
    path = bench.work / "config"
    for line in ("one", "two"):
        await do(bench, "write_file", filename=str(path), body=[line], append=True)
    assert path.read_text() == "one\ntwo\n"
    await do(bench, "write_file", filename=str(path), body=["new"])
    assert path.read_text() == "new\n"


async def test_a_mode_is_exact_and_kept_where_none_is_given(bench: Bench) -> None:
    path = bench.work / "key"
    umask = os.umask(0o077)
    try:
        await do(bench, "write_file", filename="open", body=[], mode="666")
        await do(bench, "write_file", filename="key", body=["a"], mode="0600")
        await do(bench, "write_file", filename="key", body=["b"], append=True)
        assert (mode(bench.work / "open"), mode(path)) == (0o666, 0o600)
        await do(bench, "write_file", filename="key", body=["c"], append=True, mode="640")
        assert mode(path) == 0o640
    finally:
        os.umask(umask)
    assert path.read_text() == "a\nb\nc\n"


async def test_what_user_code_put_in_its_place_is_replaced(bench: Bench) -> None:
    (bench.work / "other").write_text("mine")
    (bench.work / "link").symlink_to("other")
    os.mkfifo(bench.work / "pipe")
    for name in ("link", "pipe"):
        await do(bench, "write_file", filename=name, body=["new"])
        assert (bench.work / name).read_text() == "new\n"
    assert (bench.work / "other").read_text() == "mine"


async def test_nothing_waits_for_a_pipe_that_nobody_reads(bench: Bench) -> None:
    os.mkfifo(bench.work / "pipe")
    with pytest.raises(ServiceError, match=r"action 1 of 'prestart' failed: .*pipe"):
        await do(bench, "write_file", filename="pipe", body=["x"], append=True)


async def test_a_file_that_cannot_be_written_is_said(bench: Bench) -> None:
    with pytest.raises(ServiceError, match=r"action 7 of 'prestart' failed: .*no/such/place"):
        await do(bench, "write_file", 7, filename="no/such/place", body=[])


async def test_write_tempfile_gives_a_path_of_the_service_s_own(bench: Bench) -> None:
    paths = [
        Path(str(await do(bench, "write_tempfile", number, body=body, mode=bits)))
        for number, body, bits in [
            (1, ["old"], "644"),
            (2, ["second"], "644"),
            (1, ["a = '{token}'\n", "b"], "600"),
        ]
    ]
    first, second, again = paths
    assert (first.read_text(), mode(first)) == ("a = 's3cret'\nb", 0o600)
    assert (second.read_text(), mode(second)) == ("second", 0o644)
    assert again == first, "one start after the other leaves no more files"
    assert first.suffix == ".py"
    assert bench.work not in first.parents


async def test_run_command_gives_what_it_printed(bench: Bench) -> None:
    script = "echo $PWD {ports[0]}; echo bad >&2; cat"
    given = await do(bench, "run_command", command=["sh", "-c", script])
    assert given == {"out": f"{bench.work} 8080\n", "err": "bad\n"}


@pytest.mark.parametrize("echo", [False, True])
async def test_run_command_may_be_heard(
    bench: Bench, caplog: pytest.LogCaptureFixture, *, echo: bool
) -> None:
    await do(bench, "run_command", command=["sh", "-c", "echo one; echo two >&2"], echo=echo)
    heard = ["web: one", "web: two"] if echo else []
    assert [record.getMessage() for record in caplog.records] == heard


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo why >&2; exit 3", "ended with exit code 3; its last lines:\nwhy"),
        ("echo why; exit 3", "ended with exit code 3; its last lines:\nwhy"),
        ("exec no-such-program", "ended with exit code 127; its last lines:\n"),
        ("kill -9 $$", "ended with exit code 137"),
        ("exec yes", "printed more than 1048576 bytes"),
    ],
)
async def test_run_command_that_fails_fails_the_start(bench: Bench, script: str, says: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await do(bench, "run_command", command=["sh", "-c", script])
    assert says in str(caught.value)


async def test_a_secret_is_not_in_the_message(bench: Bench) -> None:
    with pytest.raises(ServiceError) as caught:
        await do(bench, "run_command", command=["false", "{token}"])
    assert "'{token}' ended with exit code 1" in str(caught.value)


async def test_mkdir_makes_all_that_is_missing(bench: Bench) -> None:
    for _ in range(2):
        await do(bench, "mkdir", path="a/{ports[0]}/b")
    assert (bench.work / "a/8080/b").is_dir()


@pytest.mark.parametrize("key", ["message", "body"])
async def test_defect_27_log_takes_message_and_body(
    bench: Bench, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    await do(bench, "log", **{key: "port {ports[0]}"})
    await do(bench, "log", **{key: "details", "debug": True})
    assert [record.getMessage() for record in caplog.records] == ["web: port 8080"]
    caplog.set_level("DEBUG")
    await do(bench, "log", **{key: "details", "debug": True})
    assert "web: details" in caplog.text
