"""Model servers as a client of a kernel has them: started, watched, ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import Log, ModelServiceResult, decode_record
from support.models import CHECK, Model, told
from support.programs import GLANCE, PATIENCE, processes
from support.services import PYTHON, answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.kernels import Kernel, Kernels

STARTED = ModelServiceResult("started")
# Seconds: the time limit of checks whose end nobody is to wait for.
LONG = 10
# More than a pool of threads has (concurrent.futures).
MANY = 33
HANG = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    kept = server.accept()
    open("asked", "a").write("/\\n")
    time.sleep(600)
"""
# Seconds that a kernel may take to end, model servers or no model servers.
END_TIME = 2.0


@pytest.fixture
def kernel(kernels: Kernels) -> Kernel:
    return kernels.start()


@pytest.fixture
def model(kernel: Kernel) -> Model:
    return Model(kernel)


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(GLANCE)


def logged(kernel: Kernel, text: str) -> str:
    """The next line of the log that holds a text."""
    while True:
        record = decode_record(kernel.until(b"log"))
        if isinstance(record, Log) and text in record.text:
            return record.text


def test_without_a_check_it_is_healthy_when_its_port_opens(model: Model) -> None:
    model.start(b"id")
    assert model.result(b"id") == STARTED
    assert not answers(model.port), "the answer does not wait for the port"
    assert model.kernel.silent()
    model.feel("200")
    assert model.healthy(b"id")
    assert answers(model.port)
    model.kernel.send(b"exec", f"pkill -9 -f 'server.py {model.port}'".encode())
    assert not model.healthy(b"id")
    assert told(model.kernel) == [True, False]


def test_its_death_is_told_with_its_last_words(model: Model) -> None:
    model.feel("200")
    command = f"{PYTHON} server.py {model.port} & read x < end; echo no memory >&2; exit 3"
    model.start(pre_start_actions=[{"action": "run_command", "args":
                {"command": ["mkfifo", "{model_path}/end"]}}],
                start_command=["sh", "-c", command], health_check=CHECK)  # fmt: skip
    assert model.result() == STARTED
    assert model.healthy()
    model.kernel.send(b"exec", f"echo > '{model.path}/end'".encode())
    assert logged(model.kernel, "ended with exit code 3; its last lines:")
    assert logged(model.kernel, "a server is made")
    assert logged(model.kernel, "no memory")
    assert not model.healthy()
    assert told(model.kernel) == [True, False]


@pytest.mark.parametrize("bad", ["500", "302", "hang"])
def test_it_turns_bad_and_good_again(model: Model, bad: str) -> None:
    model.feel("200")
    model.start(b"id", health_check=CHECK)
    assert model.result(b"id") == STARTED
    assert model.healthy(b"id")
    model.feel(bad)
    assert not model.healthy(b"id")
    model.feel("200")
    assert model.healthy(b"id")
    assert told(model.kernel) == [True, False, True]
    assert set(model.asked()) == {"/health"}, "no redirect is followed"


def test_why_it_is_unhealthy_is_said(model: Model) -> None:
    model.feel("503")
    model.start(health_check=CHECK)
    assert logged(model.kernel, "unhealthy") == (
        "model 'llm' is unhealthy: status 503 instead of 200 at check 4 of /health"
    )
    asked = len(model.asked())
    wait(lambda: len(model.asked()) > asked + 2)
    model.feel("200")
    assert [model.healthy(), model.healthy()] == [False, True]


def test_it_is_unhealthy_while_it_loads_longer_than_is_allowed(model: Model) -> None:
    model.start(health_check={**CHECK, "max_retries": 1})
    assert model.result() == STARTED
    assert not model.healthy()
    model.feel("200")
    assert model.healthy()
    assert told(model.kernel) == [False, True]


def test_any_status_may_be_the_expected_one(model: Model) -> None:
    model.feel("302")
    model.start(health_check={**CHECK, "expected_status_code": 302})
    assert model.healthy()
    assert told(model.kernel) == [True]


def test_failures_that_are_put_up_with_are_not_told(model: Model) -> None:
    model.feel("flaky")
    model.start(health_check={**CHECK, "max_wait_time": 0.3})
    assert model.healthy()
    wait(lambda: len(model.asked()) > 6)
    model.feel("500")
    assert not model.healthy()
    assert told(model.kernel) == [True, False]


def test_its_death_is_told_at_once_whatever_a_check_waits_for(model: Model) -> None:
    model.feel("hang")
    model.start(health_check={**CHECK, "max_wait_time": LONG})
    assert model.result() == STARTED
    wait(lambda: bool(model.asked()))
    began = time.monotonic()
    model.kernel.send(b"exec", f"pkill -9 -f 'server.py {model.port}'".encode())
    assert not model.healthy()
    assert time.monotonic() - began < LONG / 2
    assert told(model.kernel) == [False]


def test_defect_07_hung_health_checks_hold_nothing_up(kernel: Kernel) -> None:
    models = [Model(kernel, f"model{number}") for number in range(MANY)]
    for model in models:
        command = [PYTHON, "-I", "-S", "-c", HANG, str(model.port)]
        model.start(start_command=command, health_check={**CHECK, "max_wait_time": LONG})
    wait(lambda: all(model.asked() for model in models))
    began = time.monotonic()
    _, said, _ = kernel.do(b"exec", b"head -c 5000000 /dev/zero")
    assert len(said) == 5_000_000
    well = Model(kernel)
    well.feel("200")
    well.start(b"well", health_check={**CHECK, "max_wait_time": 1})
    assert well.result(b"well") == STARTED
    assert well.healthy(b"well")
    assert time.monotonic() - began < LONG
    kernel.process.terminate()
    assert kernel.wait() == 0


@pytest.mark.parametrize("by", ["{name}", "{name}-{port}"])
def test_shutdown_ends_it_and_its_checks(model: Model, by: str) -> None:
    model.feel("200")
    model.start(b"id", health_check=CHECK)
    assert model.healthy(b"id")
    name = by.format(name=model.name, port=model.port)
    model.kernel.send(b"shutdown-service", f'"{name}"'.encode())
    assert not model.healthy(b"id")
    assert not answers(model.port)
    asked = len(model.asked())
    model.start(b"again", health_check=CHECK)
    assert model.result(b"again") == STARTED
    assert model.healthy(b"again")
    assert len(model.asked()) > asked
    assert told(model.kernel) == [True, False, True]


def test_what_runs_is_running(model: Model) -> None:
    model.feel("200")
    model.start(b"1")
    assert model.healthy(b"1")
    model.start(b"2", start_command=["false"])
    assert model.result(b"2") == ModelServiceResult("running")
    assert model.kernel.silent()


def test_two_who_start_it_at_once_start_it_once(model: Model) -> None:
    model.start(b"1")
    model.start(b"2")
    assert [model.result(b"1"), model.result(b"2")] == [STARTED] * 2
    model.feel("200")
    assert model.healthy(b"1")
    assert model.kernel.silent()


def test_a_start_and_a_shutdown_at_once_are_both_done(model: Model) -> None:
    model.start(b"id")
    model.kernel.send(b"shutdown-service", b'"llm"')
    result = model.result(b"id")
    assert result.status == "failed"
    assert "it was shut down while it was starting" in str(result.error)
    model.start(b"again")
    assert model.result(b"again") == STARTED
    assert not told(model.kernel)


@pytest.mark.parametrize("stubborn", ["", "trap '' TERM; "])
def test_models_end_with_the_kernel(model: Model, stubborn: str) -> None:
    script = f"{stubborn}{PYTHON} server.py {model.port} & sleep 4721.01"
    model.feel("hang")
    model.start(start_command=["sh", "-c", script], health_check={**CHECK, "max_wait_time": LONG})
    wait(lambda: bool(model.asked()))
    began = time.monotonic()
    model.kernel.process.terminate()
    assert model.kernel.wait() == 0
    assert time.monotonic() - began < END_TIME
    assert not processes(marked="4721.01")
