"""Starting services: when a start is answered, and with what."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import ServiceResult, StartService
from support.kernels import free_ports
from support.programs import GLANCE, PATIENCE, eventually, processes
from support.services import PYTHON, SERVE, answers, fetch

if TYPE_CHECKING:
    from polykernel_runner.services.supervisor import Services
    from support.services import Bench

# Serves as long as another port is open; nothing of the other is started by it.
SERVE_AFTER = """
import http.server, socket, sys, time
mine, other = map(int, sys.argv[1:])
end = time.monotonic() + 30
while time.monotonic() < end:
    try:
        socket.create_connection(("127.0.0.1", other)).close()
        break
    except OSError:
        time.sleep(0.01)
http.server.test(http.server.SimpleHTTPRequestHandler, port=mine, bind="127.0.0.1")
"""


def living(bench: Bench) -> list[int]:
    """Processes of the services that serve files of this test."""
    return processes(marked=str(bench.home))


def serve(bench: Bench, name: str = "web", **more: object) -> None:
    """Define a service whose command line names this test."""
    bench.define(name, command=[*SERVE, "--directory", str(bench.work)], **more)


async def test_it_is_started_when_it_answers(bench: Bench) -> None:
    serve(bench)
    (bench.work / "page").write_text("hello")
    port, result = await bench.start("web")
    assert result == ServiceResult("started")
    assert fetch(port, "/page") == "hello"


async def test_what_runs_is_running(bench: Bench) -> None:
    serve(bench)
    port, _ = await bench.start("web")
    assert (await bench.start("web"))[1] == ServiceResult("running")
    assert answers(port)
    assert len(living(bench)) == len(processes(marked=str(port)))


async def test_two_who_start_it_at_once_start_it_once(bench: Bench) -> None:
    serve(bench)
    results = await asyncio.gather(bench.start("web"), bench.start("web"))
    assert [result for _, result in results] == [ServiceResult("started")] * 2
    assert sum(answers(port) for port, _ in results) == 1


async def test_a_server_of_the_new_protocol_alone_is_open(bench: Bench) -> None:
    bench.define("web", command=[*SERVE[:-1], "::1"])
    _, result = await bench.start("web")
    assert result.status == "started"


async def test_it_has_the_ports_that_were_asked_for(bench: Bench) -> None:
    script = "echo {ports[0]} {ports[1]} > got; exec " + " ".join(SERVE)
    bench.define("web", command=["sh", "-c", script])
    ports = tuple(free_ports(2))
    result = await bench.services.start(StartService(name="web", ports=ports))
    assert result.status == "started"
    assert (bench.work / "got").read_text() == f"{ports[0]} {ports[1]}\n"


async def test_without_ports_the_manifest_s_are_meant(bench: Bench) -> None:
    first, second = free_ports(2)
    bench.manifest(
        f"""
        [runtime]
        path = "{PYTHON}"
        [[service-ports]]
        name = "web"
        protocol = "http"
        ports = [{first}, {second}]
        """
    )
    bench.define("web", command=["{runtime_path}", *SERVE[1:]])
    assert await bench.services.start(StartService(name="web")) == ServiceResult("started")
    assert answers(first)


async def failure(services: Services, request: StartService) -> str:
    result = await asyncio.wait_for(services.start(request), PATIENCE)
    assert result.status == "failed"
    assert result.error is not None
    return result.error


async def test_without_any_port_it_is_said_what_is_missing(bench: Bench) -> None:
    serve(bench)
    error = await failure(bench.services, StartService(name="web"))
    assert "nobody said which port service 'web' is to have: give one, or name it" in error


async def test_defect_23_without_definitions_there_is_an_answer(bench: Bench) -> None:
    error = await failure(bench.services, StartService(name="web", ports=(8080,)))
    assert error == "there is no service 'web'; those of this image are: none"
    serve(bench, "other")
    error = await failure(bench.services, StartService(name="web", ports=(8080,)))
    assert error == "there is no service 'web'; those of this image are: other"


async def test_defect_24_what_died_is_told_at_once_with_its_last_words(bench: Bench) -> None:
    bench.define("web", command=["sh", "-c", "seq 30 >&2; echo no >&2; exit 3"])
    began = time.monotonic()
    port, result = await bench.start("web")
    assert time.monotonic() - began < 5
    lines = "\n".join(str(number) for number in range(12, 31))
    assert result.error == (
        f"service 'web' was not started: it ended with exit code 3 before it opened port {port}; "
        f"its last lines:\n{lines}\nno"
    )


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exec no-such-program", "exit code 127 before it opened port"),
        ("exec no-such-program", "no-such-program: not found"),
        ("echo in vain; exit 1", "its last lines:\nin vain"),
        ("printf 'no newline' >&2; exit 1", "its last lines:\nno newline"),
        ("kill -9 $$", "it was ended by SIGKILL before it opened port"),
        ("true", "it ended with exit code 0 before it opened port"),
        ("(sleep 4718.01 &)", "it ended with exit code 0 before it opened port"),
    ],
)
async def test_defect_24_how_it_died(bench: Bench, script: str, says: str) -> None:
    bench.define("web", command=["sh", "-c", script])
    assert says in str((await bench.start("web"))[1].error)
    assert not processes(marked="4718.01")


async def test_a_command_that_is_not_there_is_named(bench: Bench) -> None:
    bench.define("web", command=["no-such-program"])
    assert "no-such-program: command not found" in str((await bench.start("web"))[1].error)


async def test_what_never_opens_its_port_is_ended_after_a_time(bench: Bench) -> None:
    script = "echo thinking >&2; sleep 4718.02"
    bench.define("web", command=["sh", "-c", script], start_timeout=0.3)
    port, result = await bench.start("web")
    assert f"it did not open port {port} within 0.3 s (start_timeout)" in str(result.error)
    assert "its last lines:\nthinking" in str(result.error)
    assert not processes(marked="4718.02")


async def test_an_action_that_never_ends_is_ended_after_a_time(bench: Bench) -> None:
    actions = [{"action": "run_command", "args": {"command": ["sleep", "4718.03"]}}]
    serve(bench, prestart=actions, start_timeout=0.3)
    error = str((await bench.start("web"))[1].error)
    assert error.endswith("its 'prestart' took longer than 0.3 s (start_timeout)")
    assert not processes(marked="4718.03")


async def test_an_action_that_fails_fails_the_start(bench: Bench) -> None:
    command = ["sh", "-c", "echo why >&2; exit 1"]
    serve(bench, prestart=[{"action": "run_command", "args": {"command": command}}])
    error = str((await bench.start("web"))[1].error)
    assert "service 'web' was not started: action 1 of 'prestart' failed: " in error
    assert error.endswith("ended with exit code 1; its last lines:\nwhy")
    assert not living(bench)


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
async def test_a_port_that_somebody_has_is_said_before_anything_is_done(
    bench: Bench, family: socket.AddressFamily, address: str
) -> None:
    serve(bench, prestart=[{"action": "mkdir", "args": {"path": "made"}}])
    with socket.socket(family) as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = await failure(bench.services, StartService(name="web", ports=(port,)))
    assert f"port {port} is taken by another program of this container" in error
    assert not (bench.work / "made").exists()


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
async def test_who_is_quicker_to_open_the_port_is_not_taken_for_the_service(
    bench: Bench, family: socket.AddressFamily, address: str
) -> None:
    began = bench.work / "began"
    slow = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(1000)"
    bench.define("web", command=[PYTHON, "-c", slow, str(began), "{ports[0]}"])
    (port,) = free_ports(1)
    request = StartService(name="web", ports=(port,))
    starting = asyncio.create_task(failure(bench.services, request))
    await eventually(began.exists, "the service begins")
    with socket.socket(family) as quicker:
        quicker.bind((address, port))
        quicker.listen()
        error = await asyncio.wait_for(starting, PATIENCE)
    assert f"another program of this container was quicker to open port {port}" in error
    assert not processes(marked=str(began))


async def test_defect_25_starts_of_different_services_do_not_wait_for_one_another(
    bench: Bench,
) -> None:
    ports = free_ports(2)
    bench.define("first", command=[PYTHON, "-c", SERVE_AFTER, "{ports[0]}", str(ports[1])])
    serve(bench, "second")
    results = await asyncio.wait_for(
        asyncio.gather(
            bench.services.start(StartService(name="first", ports=(ports[0],))),
            bench.services.start(StartService(name="second", ports=(ports[1],))),
        ),
        PATIENCE,
    )
    assert [result.status for result in results] == ["started"] * 2


async def test_defect_26_noop_is_a_success(bench: Bench) -> None:
    bench.define("elsewhere", noop=True, credentials={"token": None})
    result = await bench.services.start(StartService(name="elsewhere"))
    assert result.status == "started"
    assert list(result.credentials) == ["token"]


async def test_preopen_is_the_user_s_business(bench: Bench) -> None:
    request = StartService(name="mine", ports=(8080,), protocol="preopen")
    assert await bench.services.start(request) == ServiceResult("started")
    assert not living(bench)


async def test_who_has_no_patience_is_told_and_may_ask_again(bench: Bench) -> None:
    (gate,) = free_ports(1)
    bench.define("web", command=[PYTHON, "-c", SERVE_AFTER, "{ports[0]}", str(gate)])
    port, result = await bench.start("web", patience=0.1)
    assert result == ServiceResult("failed", "service 'web' is still starting; ask again")
    assert (await bench.start("web", patience=0.1))[1].status == "failed"
    with socket.create_server(("127.0.0.1", gate)):
        assert (await bench.start("web"))[1] == ServiceResult("started")
    assert answers(port)


async def test_defect_31_one_that_ends_late_takes_no_newer_one_along(bench: Bench) -> None:
    # What the first leaves behind holds its output, so its end is known a while after its death.
    script = "(trap '' TERM; exec sleep 4718.04) & exec " + " ".join(SERVE)
    bench.define("web", command=["sh", "-c", script])
    port, _ = await bench.start("web")
    (main,) = processes(marked=f"http.server\0{port}")
    os.kill(main, signal.SIGKILL)
    new, result = await bench.start("web")
    while result.status == "running":  # nobody has heard of it yet
        await asyncio.sleep(GLANCE)
        new, result = await bench.start("web")
    assert result.status == "started"
    assert (await bench.start("web"))[1].status == "running"
    assert answers(new)
    await bench.services.shutdown("web")
    assert not answers(new)


async def test_a_death_is_told_in_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.define("web", command=["sh", "-c", "echo last words >&2; exec " + " ".join(SERVE)])
    port, _ = await bench.start("web")
    (main,) = processes(marked=f"http.server\0{port}")
    os.kill(main, signal.SIGTERM)
    await eventually(lambda: "service 'web' was ended by SIGTERM" in caplog.text, "it is told")
    assert "last words" in caplog.text
    assert (await bench.start("web"))[1].status == "started"
