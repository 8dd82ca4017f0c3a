"""A kernel that is attacked, and what has to be right with it whatever the attack is.

What is wrong is collected, so that one look at a test that failed tells all of it; leaving
`victim` raises it.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driving import client_process, finder, honest
from driving.client_process import containers
from driving.containers import docker
from driving.heartbeat import STATUS_PATIENCE, Heartbeat
from polykernel import Finished, Kernel, Limits, Log, Media, Output, Result
from polykernel.owner import this_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from polykernel import Run
    from polykernel_runner.protocol import Verdict

MIB = 1 << 20
# Less than a container has by default: it is full sooner.
MEMORY = "256m"
# Of a container in which there is room for very many files: their number goes with its memory.
ROOMY = "4g"
# Seconds: how long after the limit of wall time a run may go on; how long a killed client's
# container may; and when nobody waits for an answer any more.
VERDICT_PATIENCE = 2.0
GONE_PATIENCE = 5.0
LOST_PATIENCE = 20.0
# What the runner may have resident when an attack is over, and while there is one without pictures.
RUNNER_MEMORY = 100_000_000
WORK_UID = 1000
# What prints 42 in a session.
QUERIES = {"python": "print(6 * 7)", "java": "System.out.println(6 * 7);"}
_RUNNER = "/opt/polykernel/start.py"


class _LostError(Exception):
    """There is no answer: it is noted, and there is no point in going on."""


@dataclass
class Attack:
    """How an attack ended: `extra` is the seconds that it went on after its limit."""

    result: Result
    text: str
    stderr: str
    logs: list[str]
    media: list[Media]
    extra: float


@dataclass
class Victim:
    """A kernel of the test's own. `problems` is what is found to be wrong with it.

    Once there is a session its processes live on behind a run.
    """

    lang: str
    kernel: Kernel
    container: str
    runner: int
    heartbeat: Heartbeat
    problems: list[str] = field(default_factory=list)
    has_session: bool = False

    async def attack(
        self,
        files: Mapping[str, bytes | str],
        *,
        verdicts: Collection[Verdict],
        wall_time: float = 5.0,
        memory: int | None = None,
        cpu_time: float | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Attack:
        """Run a hostile program, which is to end with one of `verdicts`, and in time."""
        limits = Limits(wall_time=wall_time, memory=memory, cpu_time=cpu_time)
        run = self.kernel.run(files, limits=limits, **{"stdin": "", **options})
        return await self._judge(run, limits, verdicts)

    async def attack_session(
        self,
        code: str,
        *,
        verdicts: Collection[Verdict],
        wall_time: float = 5.0,
        memory: int | None = None,
    ) -> Attack:
        """Evaluate hostile code, likewise."""
        limits = Limits(wall_time=wall_time, memory=memory)
        self.has_session = True
        run = self.kernel.query(code, stdin="", limits=limits)
        return await self._judge(run, limits, verdicts)

    async def _judge(self, run: Run, limits: Limits, verdicts: Collection[Verdict]) -> Attack:
        assert limits.wall_time is not None
        self.problem_if_dead()
        try:
            attack = await asyncio.wait_for(_follow(run, limits.wall_time), LOST_PATIENCE)
        except asyncio.TimeoutError:
            self.problems.append(f"no verdict within {LOST_PATIENCE:g} s")
            raise _LostError from None
        result = attack.result
        print(  # noqa: T201  numbers for whoever reads on
            f"{result.verdict} {result.exit_code} ({result.reason}), {attack.extra:+.2f} s to the "
            f"limit, cpu {result.cpu_time:.2f} s, rss {result.max_rss / MIB:.0f} MiB"
        )
        if result.verdict not in verdicts:
            self.problems.append(
                f"verdict {result.verdict} {result.exit_code} ({result.reason}), and not "
                f"{' or '.join(verdicts)}; stdout {attack.text[-300:]!r}, "
                f"stderr {attack.stderr[-300:]!r}"
            )
        if attack.extra > VERDICT_PATIENCE:
            self.problems.append(f"the verdict comes {attack.extra:.1f} s after the limit")
        if not self.has_session and (left := await asyncio.to_thread(self.processes)):
            self.problems.append(f"processes outlive their run: {left[:5]}, {len(left)} in all")
        return attack

    async def recovers(self, *, clean: bool = True) -> None:
        """Run an honest job, and look around: both find the kernel as new."""
        await self.answers_right()
        if clean:
            await self.is_clean()

    async def answers_right(self) -> None:
        """Run an honest job."""
        try:
            result = await asyncio.wait_for(honest.run(self.kernel, self.lang), LOST_PATIENCE)
        except asyncio.TimeoutError:
            self.problems.append(f"an honest job has no answer within {LOST_PATIENCE:g} s")
            raise _LostError from None
        if fault := honest.fault(result):
            self.problems.append(fault)

    async def session_answers_right(self) -> None:
        """Evaluate something: the state may be lost, the session works."""
        result = await asyncio.wait_for(
            self.kernel.query(QUERIES[self.lang], stdin="", limits=Limits(wall_time=10)),
            LOST_PATIENCE,
        )
        if (result.verdict, result.text) != ("ok", "42\n"):
            self.problems.append(f"the next query ends with {result.verdict}: {result.text!r}")

    async def is_clean(self) -> None:
        """Look around: there is nothing that is not in a new kernel, and nothing is missing."""
        expected = await _as_new(self.lang)
        found = await asyncio.wait_for(finder.find(self.kernel), LOST_PATIENCE)
        if found[0] != expected[0]:
            self.problems.append(f"the look around ends with {found[0]}")
        elif changed := finder.difference(found, expected):
            self.problems.append("the next job finds:\n    " + "\n    ".join(changed))

    def processes(self) -> list[str]:
        """What runs as the user, seen from outside; by names, as command lines may not be had."""
        with docker() as client:
            rows = client.api.top(self.container, ps_args="-eo pid,uid,comm")["Processes"]
        return [name for _, uid, name in rows if int(uid) == WORK_UID]

    def runner_memory(self, key: str = "VmRSS") -> int:
        """Bytes that the runner has resident, with `VmHWM` the most that it ever had."""
        for line in Path(f"/proc/{self.runner}/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024
        return 0  # it is a zombie

    def problem_if_dead(self) -> None:
        """Note it if there is no runner any more."""
        if not Path(f"/proc/{self.runner}").exists():
            self.problems.append("the runner is gone")

    def judge_runner(self) -> None:
        """Note what the attack has done to the runner."""
        self.problem_if_dead()
        worst = self.heartbeat.worst
        if worst >= STATUS_PATIENCE:
            self.problems.append(f"a status took {worst:.2f} s")
        if Path(f"/proc/{self.runner}").exists():
            memory = self.runner_memory()
            print(  # noqa: T201
                f"worst status {worst:.3f} s, own lag {self.heartbeat.own_lag:.3f} s, "
                f"runner {memory / MIB:.0f} MiB"
            )
            if memory >= RUNNER_MEMORY:
                self.problems.append(f"the runner has {memory / MIB:.0f} MiB")

    def report(self) -> str:
        """Say all that is wrong."""
        return "\n- ".join(["the kernel is not as it should be:", *self.problems])


@asynccontextmanager
async def victim(
    lang: str,
    *,
    asked: bool = True,
    **options: Any,  # noqa: ANN401
) -> AsyncIterator[Victim]:
    """A kernel to attack; leaving the block raises what was wrong with it.

    Unless `asked`, no status is asked for, which would make a reader of whoever reads nothing.
    """
    options = {"memory": MEMORY, **options}
    before = set(containers(this_process() or ""))
    async with Kernel.start(lang, **options) as kernel:
        (name,) = set(containers(this_process() or "")) - before
        name = name.lstrip("/")
        runner = await asyncio.to_thread(_runner_of, name)
        async with Heartbeat(kernel, beats=asked) as heartbeat:
            it = Victim(lang, kernel, name, runner, heartbeat)
            try:
                yield it
            except _LostError:
                pass
            except Exception as error:
                it.problems.append(f"{type(error).__name__}: {error}")
                it.judge_runner()
                raise AssertionError(it.report()) from error
            it.judge_runner()
    if it.problems:
        raise AssertionError(it.report())


async def _follow(run: Run, wall_time: float) -> Attack:
    began = time.monotonic()
    outputs: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    logs: list[str] = []
    media: list[Media] = []
    async for record in run:
        match record:
            case Output():
                outputs[record.stream].append(record.data)
            case Log():
                logs.append(record.text)
            case Media():
                media.append(record)
            case Finished(step="build"):
                began = time.monotonic()
            case _:
                pass
    extra = time.monotonic() - began - wall_time
    text, errors = (b"".join(output).decode("utf-8", "replace") for output in outputs.values())
    return Attack(await run, text, errors, logs, media, extra)


_new: dict[str, list[str]] = {}


async def _as_new(lang: str) -> list[str]:
    """What a job finds that comes after an honest one in a kernel that was never attacked."""
    if lang not in _new:
        async with Kernel.start(lang, memory=MEMORY) as kernel:
            assert honest.fault(await honest.run(kernel, lang)) is None
            _new[lang] = await finder.find(kernel)
    return _new[lang]


def _runner_of(container: str) -> int:
    with docker() as client:
        rows = client.api.top(container, ps_args="-eo pid,args")["Processes"]
    (pid,) = [int(pid) for pid, args in rows if args.endswith(_RUNNER)]
    return pid


_CLIENT = """
import asyncio, sys
from polykernel import Kernel, Output
from polykernel.owner import this_process

async def main():
    async with Kernel.start(sys.argv[1], memory={memory!r}) as kernel:
        run = kernel.run({files!r})
        async for record in run:
            if isinstance(record, Output):
                break
        await asyncio.sleep({head_start})
        print(this_process(), flush=True)
        await run

asyncio.run(main())
"""
# Seconds that an attack has to come to its full force before its client is killed.
_HEAD_START = 0.5


def seconds_after_client_death(lang: str, files: Mapping[str, str]) -> float:
    """Kill a client whose program runs and has printed something; return how long its container
    then was there, infinity if it is for long."""
    program = _CLIENT.format(files=dict(files), memory=MEMORY, head_start=_HEAD_START)
    process, owner = client_process.start(lang, program)
    assert owner, process.communicate(timeout=30)
    try:
        assert len(containers(owner)) == 1
        process.kill()
        killed = time.monotonic()
        while containers(owner):
            if time.monotonic() - killed > LOST_PATIENCE:
                return float("inf")
            time.sleep(0.05)
        return time.monotonic() - killed
    finally:
        process.kill()
        process.communicate(timeout=30)
        _remove(owner)


def _remove(owner: str) -> None:
    """Take away what should have gone by itself, for it may be a fork bomb."""
    for name in containers(owner):
        subprocess.run(["docker", "rm", "-f", "-v", name.lstrip("/")], check=False)
