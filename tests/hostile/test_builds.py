"""What builds a program is as hostile as the program: it is told what to do by the same files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from driving.hostile import LOST_PATIENCE, ROOMY, Victim, victim
from polykernel import Limits

if TYPE_CHECKING:
    from polykernel import Result, Run

# Seconds in which all has been looked at that is going to be.
LOOKING_TIME = 2.0

MAKE = "all:\n\t@{command}\n"
# What is built fails for want of memory or room; nobody else does.
GREEDY = {
    "endless-source": {"main.c": '#include "/dev/zero"\n'},
    "large-program": {
        "main.c": "char block[900 << 20] = {1};\nint main(void) { return *block; }\n"
    },
    "memory": {
        "Makefile": MAKE.format(command="""perl -e 'push @all, "x" x (1 << 20) while 1'"""),
    },
    "files": {"Makefile": MAKE.format(command="cat /dev/zero >/tmp/a & cat /dev/zero >/var/tmp/a")},
}
# What never ends by itself.
ENDLESS = {
    "bomb": {"Makefile": MAKE.format(command="perl -e 'fork while 1'")},
    "deaf": {
        "Makefile": MAKE.format(
            command="perl -e '$$SIG{$$_} = q(IGNORE) for keys %SIG; fork; fork; sleep 1 while 1'"
        )
    },
}


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("name", GREEDY)
async def test_a_build_that_wants_too_much_fails_alone(lang: str, name: str) -> None:
    async with victim(lang) as it:
        await it.attack(GREEDY[name], wall_time=20, verdicts=["skipped"])
        await it.recovers()


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("name", ENDLESS)
async def test_a_build_without_end_is_interrupted(lang: str, name: str) -> None:
    async with victim(lang) as it:
        run = it.kernel.run(ENDLESS[name], stdin="")
        await begun(it)
        await it.kernel.interrupt()
        result = await asyncio.wait_for(run, LOST_PATIENCE)
        assert await asyncio.to_thread(it.processes) == []
        await it.recovers()

    assert result.build is not None
    assert result.build.verdict == "interrupted"


async def _result(run: Run) -> Result:
    return await run


async def begun(it: Victim) -> None:
    """Wait until there are more processes than those of one command."""
    while len(await asyncio.to_thread(it.processes)) < 4:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("lang", ["c"])
async def test_what_a_build_leaves_is_not_found_by_the_next_job(lang: str) -> None:
    command = (
        "setsid sleep 1000 & mkdir -p /tmp/a/b; chmod 0 /tmp/a/b; touch /var/tmp/left; "
        "mkfifo $$HOME/pipe; echo 'int main(void) { return 0; }' >main.c; $(CC) -o main main.c; "
        "ipcmk -Q >/dev/null"
    )
    async with victim(lang) as it:
        await it.attack({"Makefile": MAKE.format(command=command)}, verdicts=["ok"])
        await it.recovers()


CROWDS = {
    "many": "for n in range(100):\n"
    "    os.makedirs(f'd/{n}')\n"
    "    for file in range(500): os.close(os.open(f'd/{n}/{file}.c', os.O_CREAT))\n",
    "deep": "for n in range(20_000):\n    os.mkdir('d')\n    os.chdir('d')\n",
    "kinds": "os.symlink('.', 'here')\nos.symlink('/', 'root')\nos.mkfifo('main.c')\n"
    "os.mkdir('Makefile')\nos.mkdir('closed', 0)\nos.mkfifo('a\\n.c')\n",
}


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("name", CROWDS)
async def test_looking_for_what_to_build_keeps_nobody_waiting(lang: str, name: str) -> None:
    """A build without files of its own goes on with what a program made."""
    make = {"make.py": f"import os\n{CROWDS[name]}"}
    async with victim(lang, memory=ROOMY) as it:
        await it.attack(make, build=False, exec="python3 make.py", verdicts=["ok"])
        run = asyncio.ensure_future(_result(it.kernel.run(stdin="", limits=Limits(wall_time=1))))
        # What becomes of the build itself is the compiler's business, which may wait for a pipe.
        await asyncio.wait([run], timeout=LOOKING_TIME)
        await it.kernel.interrupt()
        await asyncio.wait_for(run, LOST_PATIENCE)
        await it.recovers()
