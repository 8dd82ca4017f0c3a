"""User code can neither hurt the runner nor learn its secrets, and has no rights of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from driving.kernels import until_printed
from polykernel import Output, WaitingInput

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

IMAGES = pytest.mark.parametrize("lang", ["c", "python"])
PYTHON = pytest.mark.parametrize("lang", ["python"])

# As `pkill -9 -f python`, which not every image has; it spares itself.
PKILL = """
for directory in /proc/[0-9]*; do
    pid=${directory#/proc/}
    [ "$pid" = $$ ] && continue
    tr '\\0' ' ' <$directory/cmdline 2>/dev/null | grep -q python && kill -9 "$pid"
done
echo survived
exit 3
"""
# What a program finds when it looks around.
LOOKS = """
import glob, json, os, socket
found = {"refused": [], "let in": []}
def attempt(name, action):
    try:
        action()
    except (PermissionError, FileNotFoundError) as error:
        found["refused"].append(name)
    else:
        found["let in"].append(name)
def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
attempt("list sockets", lambda: os.listdir("/run/polykernel"))
for name in ("in", "out"):
    attempt(name, lambda: connect(f"/run/polykernel/{name}"))
mine = os.getuid()
for path in glob.glob("/proc/[0-9]*"):
    if os.stat(path).st_uid == mine:
        continue
    command = open(f"{path}/cmdline").read()
    who = "runner" if "/opt/polykernel/start.py" in command else "other"
    for name in ("environ", "mem", "maps"):
        attempt(f"{who} {name}", lambda: open(f"{path}/{name}", "rb").read(1))
    attempt(f"{who} fds", lambda: os.listdir(f"{path}/fd"))
    attempt(f"{who} signal", lambda: os.kill(int(path[6:]), 0))
attempt("become root", lambda: os.setuid(0))
attempt("another group", lambda: os.setgid(0))
attempt("any group", lambda: os.setgroups([0]))
attempt("mount", lambda: os.chroot("/tmp"))
for path in ("/etc/passwd", "/opt/polykernel/language.py"):
    attempt(path, lambda: open(path, "a"))
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status"))
for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Uid", "Gid", "Groups"):
    found[name] = status[name].split()
found["descriptors"] = sorted(map(int, os.listdir("/proc/self/fd")))[:-1]
found["environment"] = sorted(os.environ)
found["networks"] = os.listdir("/sys/class/net")
print(json.dumps(found))
"""


@IMAGES
async def test_defect_15_killing_every_python_ends_the_run_and_not_the_kernel(
    kernel: Kernel,
) -> None:
    result = await kernel.execute("exec", PKILL)
    after = await kernel.execute("exec", "echo next")

    # The watcher of the run is the user's and may go: that costs the event, nothing else.
    assert (result.text, result.verdict, result.exit_code) == ("survived\n", "error", 3)
    assert (after.text, after.verdict) == ("next\n", "ok")


@IMAGES
async def test_defect_15_killing_all_there_is_ends_the_run_truly(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "echo before; kill -9 -1; echo survived; kill -9 $$")
    after = await kernel.execute("exec", "echo next")

    assert result.text == "before\nsurvived\n"
    assert (result.verdict, result.signal, result.exit_code) == ("signal", "SIGKILL", 137)
    assert (after.text, after.verdict) == ("next\n", "ok")


@PYTHON
async def test_defect_15_a_query_that_kills_all_but_itself_goes_on(kernel: Kernel) -> None:
    await kernel.query("kept = 5")
    result = await kernel.query("import os\nos.kill(-1, 9)\nprint('survived')")
    after = await kernel.query("kept")

    assert (result.text, result.verdict, result.state) == ("survived\n", "ok", "kept")
    assert after.text == "5\n"


@PYTHON
async def test_losing_the_watcher_costs_the_event_and_nothing_else(kernel: Kernel) -> None:
    # Where Landlock has signals (Linux 6.12) it cannot even do that.
    code = (
        "import os\ntry: os.kill(os.getppid(), 9)\nexcept PermissionError: pass\n"
        "print('alone', flush=True)\nprint('got', input())"
    )
    run = kernel.run({"main.py": code})
    events = 0
    printed = ""
    async for record in run:
        if isinstance(record, Output):
            printed += record.data.decode()
            if printed == "alone\n":
                await kernel.input("this")
        events += isinstance(record, WaitingInput)

    assert printed == "alone\ngot this\n"
    assert events <= 1
    assert (await run).verdict == "ok"


@PYTHON
@pytest.mark.parametrize("mode", ["batch", "query"])
async def test_user_code_is_shut_out(kernel: Kernel, mode: str) -> None:
    run = kernel.query(LOOKS) if mode == "query" else kernel.run({"main.py": LOOKS}, stdin="")
    result = await run
    assert result.verdict == "ok", result.stderr.decode()
    found = json.loads(result.stdout)

    assert found["let in"] == []
    assert {"list sockets", "in", "out", "runner environ", "runner mem", "runner fds"} <= set(
        found["refused"]
    )
    assert {"runner signal", "become root", "/etc/passwd"} <= set(found["refused"])
    none = ["0000000000000000"]
    assert [found[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [none] * 4
    assert found["NoNewPrivs"] == ["1"]
    assert found["Uid"] == ["1000"] * 4
    assert found["Gid"] == ["1000"] * 4
    assert found["Groups"] == []
    assert found["networks"] == ["lo"]
    told = [name for name in found["environment"] if name.startswith("POLYKERNEL")]
    assert told == (["POLYKERNEL_MEDIA"] if mode == "batch" else [])
    if mode == "batch":
        assert found["descriptors"] == [0, 1, 2]


@pytest.mark.parametrize("lang", ["c"])
async def test_a_fork_bomb_is_bounded_and_the_kernel_answers_next(fresh: Fresh) -> None:
    bomb = """
        #include <unistd.h>
        int main(void) {
            write(1, "up\\n", 3);
            for (;;) fork();
        }
    """
    async with fresh(processes=64) as kernel:
        run = kernel.run({"main.c": bomb})
        await until_printed(run, "up\n")
        await kernel.interrupt()
        result = await run
        after = await kernel.execute("exec", "echo next")

    assert result.verdict == "interrupted"
    assert after.text == "next\n"
