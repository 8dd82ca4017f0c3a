"""The unmodified client of Backend.AI drives our images over tcp in the clear."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from integration.compat import programs

if TYPE_CHECKING:
    from integration.compat.agent import Agent

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])
EACH = pytest.mark.parametrize("lang", ["c", "python"])

OWN_WAY = {"clean": "", "build": "*", "exec": "*"}
BUILT = [("clean-finished", 0), ("build-finished", 0)]


@EACH
def test_status_is_answered(agent: Agent) -> None:
    status = agent.ask(ask="status")

    assert 0 < time.time() - status["started_at"] < 600


@C
def test_batch_in_the_own_way(agent: Agent) -> None:
    agent.upload(programs.GREETING)

    run = agent.batch(opts=OWN_WAY)

    assert run.steps == [*BUILT, ("finished", 3)]
    assert run.console == [("stdout", "hi Ada\n")]


@PYTHON
def test_batch_without_a_build(agent: Agent) -> None:
    agent.upload({"main.py": "import sys\nprint('hi')\nsys.exit('no more')\n"})

    run = agent.batch(opts=OWN_WAY)

    assert run.steps == [*BUILT, ("finished", 1)]
    assert sorted(run.console) == [("stderr", "no more\n"), ("stdout", "hi\n")]


@EACH
def test_batch_by_shell_commands(agent: Agent) -> None:
    steps = {
        "clean": "echo c >&2",
        "build": "echo b && echo 7 > built",
        "exec": "exit $(cat built)",
    }

    run = agent.batch(opts=steps)

    assert run.steps == [*BUILT, ("finished", 7)]
    assert run.console == [("stderr", "c\n"), ("stdout", "b\n")]


@C
def test_batch_with_a_failing_build(agent: Agent) -> None:
    agent.upload({**programs.GREETING, "greet.c": "void greet(\n"})

    run = agent.batch(opts=OWN_WAY)

    (_, build), (last, code) = run.steps[1:]
    assert build
    assert (last, code) == ("finished", 127)
    assert "greet.c:1" in run.text("stderr")
    assert "build failed" in run.text("stderr")


@C
@pytest.mark.parametrize(
    ("body", "code", "stream", "text"),
    [
        ('puts("42");', 0, "stdout", "42\n"),
        ("return nothing;", 1, "stderr", "main.c:3"),
        ('puts("so far"); fflush(stdout); raise(SIGABRT);', 134, "stdout", "so far\n"),
    ],
    ids=["ends well", "does not compile", "crashes"],
)
def test_query_in_c(agent: Agent, body: str, code: int, stream: str, text: str) -> None:
    run = agent.query(f"#include <signal.h>\n#include <stdio.h>\nint main(void) {{ {body} }}")

    assert run.steps == [("finished", code)]
    assert text in run.text(stream)


@C
def test_output_that_is_not_utf8_and_ends_within_a_character(agent: Agent) -> None:
    run = agent.query(programs.NOT_UTF8_IN_C)

    assert run.steps == [("finished", 0)]
    assert run.text("stdout") == "a\N{REPLACEMENT CHARACTER}b"
    assert run.text("stderr") == "\u00e9\n"


@PYTHON
def test_an_exception_is_told_and_keeps_the_state(agent: Agent) -> None:
    assert agent.query("x = 41\nprint('set')").console == [("stdout", "set\n")]

    failed = agent.query("x / 0")
    assert failed.steps == [("finished", 1)]
    assert "ZeroDivisionError" in failed.text("stderr")

    assert agent.query("x + 1").console == [("stdout", "42\n")]


@PYTHON
def test_rich_output(agent: Agent) -> None:
    run = agent.query(programs.RICH)

    assert run.steps == [("finished", 0)]
    assert ("html", "<b>b\u00f6ld</b>") in run.console
    media = dict(data for kind, data in run.console if kind == "media")
    assert set(media) == {"image/png", "image/svg+xml", "text/markdown"}
    assert media["image/png"].startswith("data:image/png;base64,iVBOR")
    assert media["image/svg+xml"].startswith("<svg")
    assert "plain" in run.text("stdout")


@C
def test_live_input_of_a_program(agent: Agent) -> None:
    run = agent.query(programs.ASK_IN_C, answers=["Ada", "1815"])

    assert run.steps == [("waiting-input", None), ("waiting-input", None), ("finished", 0)]
    assert run.options == [{"is_password": False}] * 2
    assert run.text("stdout") == "name? born? Ada is 37\n"


@PYTHON
def test_live_input_of_a_query(agent: Agent) -> None:
    code = "from getpass import getpass\nprint(input('name? '), len(getpass('word? ')))"

    run = agent.query(code, answers=["Ada", "s3cret"])

    assert run.steps == [("waiting-input", None), ("waiting-input", None), ("finished", 0)]
    assert run.options == [{"is_password": False}, {"is_password": True}]
    assert run.text("stdout") == "name? word? Ada 6\n"


@EACH
def test_live_input_of_a_shell_command(agent: Agent) -> None:
    run = agent.batch(opts={"exec": "read name && echo hi $name"}, answers=["Ada"])

    assert run.steps == [*BUILT, ("waiting-input", None), ("finished", 0)]
    assert run.text("stdout") == "hi Ada\n"


@C
def test_interrupt_of_a_program_keeps_the_kernel(agent: Agent) -> None:
    run = agent.query(programs.LOOP_IN_C, at="looping")

    assert run.steps == [("finished", 130)]
    assert run.kernel_status["running"]
    assert agent.batch(opts={"exec": "echo on"}).text("stdout") == "on\n"


@PYTHON
def test_interrupt_of_a_query_keeps_its_state(agent: Agent) -> None:
    agent.query("kept = 'still here'")

    run = agent.query("import time\nprint('asleep')\ntime.sleep(600)", at="asleep")

    assert run.steps == [("finished", 130)]
    assert "KeyboardInterrupt" in run.text("stderr")
    assert run.kernel_status["running"]
    assert agent.query("print(kept)").text("stdout") == "still here\n"


@EACH
def test_an_event_of_the_host_harms_nothing(agent: Agent) -> None:
    agent.ask(ask="event", type="oom", data={})

    assert agent.batch(opts={"exec": "echo on"}).text("stdout") == "on\n"
