"""Services as a client of a kernel has them."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import AppsResult, Log, ServiceResult, decode_record
from support.kernels import USER, free_ports
from support.programs import processes
from support.services import SERVE, answers, fetch
from support.users import as_root

if TYPE_CHECKING:
    from pathlib import Path

    from support.kernels import Kernel, Kernels

# Seconds that a kernel may take to end, services or no services.
END_TIME = 2.0
# After so many seconds an agent of Backend.AI takes an answer for another question's.
AGENT_TIME = 10.0


@pytest.fixture
def defs(kernels: Kernels) -> Path:
    return kernels.directory()


@pytest.fixture
def kernel(kernels: Kernels, defs: Path) -> Kernel:
    return kernels.start(env={"POLYKERNEL_SERVICE_DEFS": f"{defs}:{defs}/more"})


def define(defs: Path, name: str, **body: object) -> None:
    (defs / f"{name}.json").write_text(json.dumps(body))


def ask(kernel: Kernel, name: str, *run_id: bytes) -> int:
    """Ask for a start on a free port; return the port."""
    (port,) = free_ports(1)
    request = {"name": name, "port": port, "ports": [port], "protocol": "http", "options": {}}
    kernel.send(b"start-service", json.dumps(request).encode(), *run_id)
    return port


def answer(kernel: Kernel, *run_id: bytes) -> ServiceResult:
    """The next answer to a start."""
    frames = kernel.until(b"service-result")
    assert frames[2:] == list(run_id)
    result = decode_record(frames)
    assert isinstance(result, ServiceResult)
    return result


def log(kernel: Kernel) -> Log:
    record = decode_record(kernel.until(b"log"))
    assert isinstance(record, Log)
    return record


def test_a_service_starts_while_user_code_runs(kernel: Kernel, defs: Path) -> None:
    define(defs, "web", command=SERVE)
    kernel.send(b"exec", b"echo hello > page; echo up; read x; echo $x", b"run")
    kernel.until(b"stdout")
    port = ask(kernel, "web", b"app")
    assert answer(kernel, b"app").status == "started"
    assert fetch(port, "/page") == "hello\n"
    kernel.send(b"input", b"on")
    kernel.until(b"finished")
    assert answers(port), "a run that ends takes no service along"
    kernel.do(b"exec", b"kill -INT 0")
    assert answers(port)
    kernel.send(b"shutdown-service", b'"web"')
    assert "service 'web' was shut down" in log(kernel).text
    assert not answers(port)


def test_a_service_starts_as_the_first_thing_of_all(kernel: Kernel, defs: Path) -> None:
    define(defs, "web", command=SERVE)
    port = ask(kernel, "web")
    assert answer(kernel).status == "started"
    assert answers(port)


def test_each_start_is_answered_once(kernel: Kernel, defs: Path) -> None:
    define(defs, "web", command=SERVE)
    define(defs, "bad", command=["false"])
    for run_id, name in ((b"1", "web"), (b"2", "bad"), (b"3", "web"), (b"4", "none")):
        ask(kernel, name, run_id)
    kernel.send(b"start-service", b"[]", b"5")
    got: dict[bytes, str] = {}
    for _ in range(5):
        frames = kernel.until(b"service-result")
        assert frames[2] not in got
        got[frames[2]] = json.loads(frames[1])["status"]
    expected = {b"1": "started", b"2": "failed", b"3": "started", b"4": "failed", b"5": "failed"}
    assert got == expected
    ask(kernel, "web", b"6")
    assert answer(kernel, b"6").status == "running"
    assert kernel.silent()


def test_an_agent_gets_its_answer_while_it_waits_for_one(kernel: Kernel, defs: Path) -> None:
    define(defs, "slow", command=["sh", "-c", "while ! [ -e go ]; do sleep 0.01; done; "
                                  + " ".join(SERVE)])  # fmt: skip
    began = time.monotonic()
    port = ask(kernel, "slow")
    assert answer(kernel).error == "service 'slow' is still starting; ask again"
    assert time.monotonic() - began < AGENT_TIME
    ask(kernel, "slow")
    kernel.send(b"exec", b"touch go")
    assert answer(kernel).status == "started"
    assert answers(port)


def test_defect_23_a_kernel_without_definitions_says_so(kernels: Kernels) -> None:
    kernel = kernels.start(env={"POLYKERNEL_SERVICE_DEFS": "/nowhere"})
    ask(kernel, "jupyter")
    assert answer(kernel) == ServiceResult(
        "failed", "there is no service 'jupyter'; those of this image are: none"
    )
    kernel.send(b"get-apps", b"")
    assert decode_record(kernel.until(b"apps-result")) == AppsResult(())


def test_defect_26_a_bad_file_harms_no_other_and_is_named(kernel: Kernel, defs: Path) -> None:
    define(defs, "bad", command=["x"], colour="red")
    define(defs, "good", command=SERVE)
    kernel.send(b"get-apps", b"")
    said = log(kernel)
    assert said.text.endswith(f"{defs}/bad.json is left out: the definition has 'colour'; it may "
                              "have allowed_arguments, allowed_envs, command, credentials, "
                              "default_arguments, env, noop, prestart, start_timeout, "
                              "url_template")  # fmt: skip
    apps = json.loads(kernel.until(b"apps-result")[1])
    assert apps == {"status": "done", "data": [{"name": "good"}]}


def test_a_definition_that_is_repaired_needs_no_restart(kernel: Kernel, defs: Path) -> None:
    (defs / "web.json").write_text("{")
    ask(kernel, "web")
    assert "web.json is left out: it is not JSON" in str(answer(kernel).error)
    define(defs, "web", command=SERVE)
    ask(kernel, "web")
    assert answer(kernel).status == "started"


def test_apps_are_listed_for_who_asks(kernel: Kernel, defs: Path) -> None:
    define(defs, "a", command=["x"], url_template="{protocol}://{host}:{port}/?t={t}",
           credentials={"t": None}, allowed_arguments=["--a"])  # fmt: skip
    define(defs, "b", noop=True)
    kernel.send(b"get-apps", b"a", b"me")
    frames = kernel.until(b"apps-result")
    (app,) = json.loads(frames[1])["data"]
    assert frames[2] == b"me"
    assert app["url_template"].startswith("{protocol}://{host}:{port}/?t=")
    assert "{t}" not in app["url_template"]
    assert app["allowed_arguments"] == ["--a"]


def test_a_service_that_dies_is_told_of(kernel: Kernel, defs: Path) -> None:
    define(defs, "web", command=["sh", "-c", "exec " + " ".join(SERVE)])
    port = ask(kernel, "web")
    assert answer(kernel).status == "started"
    kernel.send(b"exec", f"pkill -f 'http.server {port}'".encode())
    while "service 'web' was ended by SIGTERM" not in log(kernel).text:
        pass


@pytest.mark.parametrize("stubborn", ["", "trap '' TERM; "])
def test_services_end_with_the_kernel(kernel: Kernel, defs: Path, stubborn: str) -> None:
    script = f"{stubborn}setsid sleep 4720.01 & {' '.join(SERVE)} & wait; sleep 4720.01"
    define(defs, "web", command=["sh", "-c", script])
    define(defs, "slow", command=["sh", "-c", "touch slow; exec sleep 4720.01"])
    port = ask(kernel, "web", b"1")
    assert answer(kernel, b"1").status == "started"
    ask(kernel, "slow", b"2")
    kernel.do(b"exec", b"while ! [ -e slow ]; do sleep 0.01; done")
    began = time.monotonic()
    kernel.process.terminate()
    result = answer(kernel, b"2")
    assert "it was shut down while it was starting" in str(result.error)
    assert kernel.wait() == 0
    assert time.monotonic() - began < END_TIME
    assert not answers(port)
    assert not processes(marked="4720.01")


@as_root
def test_all_is_done_with_the_user_s_rights(kernel: Kernel, defs: Path) -> None:
    (defs / "runner's").mkdir(mode=0o700)
    script = "id -u > uid; pwd > cwd; exec " + " ".join(SERVE)
    actions = [
        {"action": "mkdir", "args": {"path": "made"}},
        {"action": "write_file", "args": {"filename": "made/file", "body": ["x"], "append": True}},
        {"action": "write_tempfile", "args": {"body": ["x"], "mode": "600"}, "ref": "file"},
        {"action": "run_command", "args": {"command": ["touch", "touched"]}},
    ]
    command = ["sh", "-c", f"cat {{file}} >&2 || exit 1; {script}"]
    define(defs, "web", prestart=actions, command=command)
    ask(kernel, "web")
    assert answer(kernel).status == "started"
    assert (kernel.work / "uid").read_text() == f"{USER}\n"
    assert (kernel.work / "cwd").read_text() == f"{kernel.work}\n"
    for name in ("made", "made/file", "touched"):
        assert (kernel.work / name).stat().st_uid == USER
    for action, args in (
        ("mkdir", {"path": f"{defs}/made"}),
        ("write_file", {"filename": f"{defs}/file", "body": []}),
        ("write_file", {"filename": f"{defs}/runner's/file", "body": [], "append": True}),
    ):
        define(defs, "bad", command=SERVE, prestart=[{"action": action, "args": args}])
        ask(kernel, "bad")
        assert "Permission denied" in str(answer(kernel).error)
    assert sorted(os.listdir(defs)) == ["bad.json", "runner's", "web.json"]  # noqa: PTH208
