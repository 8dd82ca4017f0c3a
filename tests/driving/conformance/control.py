"""How programs are stopped, and what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driving.conformance.subject import BYTES, HELLO, is_fine
from driving.kernels import until_printed
from polykernel import Limits

if TYPE_CHECKING:
    from driving.conformance.subject import Subject

TIME = 2.0
# Seconds that a run may take to end whose time is over.
PATIENCE = 5.0
# What a program may take beside what hello does.
MEMORY = 100 << 20


async def interrupt(subject: Subject) -> None:
    run = subject.start("loop")
    await until_printed(run, "started\n")

    await subject.kernel.interrupt()
    result = await run

    assert result.verdict == "interrupted"
    assert subject.is_kept(result)
    is_fine(await subject.run("hello"), HELLO)


async def cancel(subject: Subject) -> None:
    run = subject.start("loop")
    await until_printed(run, "started\n")

    await run.cancel()

    assert (await run).verdict == "interrupted"
    is_fine(await subject.run("hello"), HELLO)


async def time_limit(subject: Subject) -> None:
    result = await subject.run("loop", limits=Limits(wall_time=TIME))

    assert (result.verdict, result.reason) == ("time-limit", "limits.wallTime was reached")
    assert TIME <= result.wall_time < TIME + PATIENCE
    is_fine(await subject.run("hello"), HELLO)


async def cpu_limit(subject: Subject) -> None:
    result = await subject.run("loop", limits=Limits(cpu_time=TIME))

    assert (result.verdict, result.reason) == ("time-limit", "limits.cpuTime was reached")
    assert TIME <= result.cpu_time < TIME + PATIENCE
    is_fine(await subject.run("hello"), HELLO)


async def memory_limit(subject: Subject) -> None:
    usual = await subject.run("hello")
    result = await subject.run("memory", limits=Limits(memory=usual.max_rss + MEMORY))

    assert result.verdict == "memory-limit", result.stderr.decode()
    is_fine(await subject.run("hello"), HELLO)


async def output_limit(subject: Subject) -> None:
    result = await subject.run("binary", limits=Limits(output=100, output_action="kill"))

    assert (result.verdict, result.stdout) == ("output-limit", BYTES[:100])
