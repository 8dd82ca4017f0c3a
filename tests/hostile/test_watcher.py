"""A program that turns on its parent, which watches it, ends as if it had not."""

from __future__ import annotations

import pytest

from driving.hostile import victim
from polykernel import Limits

IN_C = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    pid_t parent = getppid();
    if (!strcmp(how, "stop")) kill(parent, SIGSTOP);
    if (!strcmp(how, "kill")) kill(parent, SIGKILL);
    if (!strcmp(how, "stop-all")) kill(-1, SIGSTOP);
    if (!strcmp(how, "signals"))
        for (int number = 1; number < 65; number++)
            if (number != SIGKILL) kill(parent, number);
    if (!strcmp(how, "trace")) {
        ptrace(PTRACE_ATTACH, parent, NULL, NULL);
        ptrace(PTRACE_SEIZE, parent, NULL, NULL);
    }
    if (!strcmp(how, "starve")) {
        struct rlimit none = {0, 0};
        prlimit(parent, RLIMIT_CPU, &none, NULL);
        prlimit(parent, RLIMIT_NOFILE, &none, NULL);
        setpriority(PRIO_PROCESS, parent, 19);
    }
    if (!strcmp(how, "child")) {
        /* While the program waits for it, a child of it stops the watcher. */
        if (!fork()) { kill(parent, SIGSTOP); _exit(0); }
        wait(NULL);
    }
    puts("done");
    fflush(stdout);
    return 7;
}
"""
IN_PYTHON = """
import os, signal, sys
try:
    os.kill(os.getppid(), {"stop": signal.SIGSTOP, "kill": signal.SIGKILL}[sys.argv[1]])
except PermissionError:
    pass  # where Landlock has signals (Linux 6.12)
print("done", flush=True)
os._exit(7)
"""
PROGRAM = {"c": {"main.c": IN_C}, "python": {"main.py": IN_PYTHON}}


@pytest.mark.parametrize(
    ("lang", "how"),
    [
        *(("c", how) for how in ("stop", "kill", "stop-all", "signals", "trace")),
        *(("c", how) for how in ("starve", "child")),
        *(("python", how) for how in ("stop", "kill")),
    ],
)
async def test_the_run_ends_with_the_programs_own_exit_code(lang: str, how: str) -> None:
    """Only a program whose input is open has a watcher."""
    async with victim(lang) as it:
        attack = await it.attack(
            PROGRAM[lang], args=[how], stdin=None, wall_time=2, verdicts=["error"]
        )
        await it.recovers()

    assert (attack.text, attack.result.exit_code) == ("done\n", 7)


@pytest.mark.parametrize("lang", ["python"])
async def test_a_job_cannot_kill_the_session(lang: str) -> None:
    async with victim(lang) as it:
        await it.attack_session("kept = 5", verdicts=["ok"])
        attack = await it.attack(
            {"main.py": "import os, signal\nos.kill(-1, signal.SIGKILL)"}, verdicts=["ok"]
        )
        found = await it.kernel.query("print('kept' in globals())")
        await it.answers_right()

    assert (attack.result.state, found.text) == ("kept", "True\n")


@pytest.mark.parametrize("lang", ["python"])
@pytest.mark.parametrize("name", ["SIGSTOP", "SIGKILL"])
async def test_a_job_that_stops_the_session_keeps_no_query_from_an_answer(
    lang: str, name: str
) -> None:
    code = f"import os, signal\nos.kill(-1, signal.{name})"
    async with victim(lang) as it:
        await it.attack_session("kept = 5", verdicts=["ok"])
        await it.attack({"main.py": code}, verdicts=["ok"])
        await it.kernel.query("kept", limits=Limits(wall_time=1))
        await it.session_answers_right()
        await it.answers_right()
