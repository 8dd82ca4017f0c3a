"""A program that wants more than its limits is ended, and the verdict says of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.greedy import FILES, MIB, TALK
from polykernel import Limits, Result

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])
BATCH = pytest.mark.parametrize("lang", ["c", "python", "java"])


async def ask(kernel: Kernel, lang: str, what: str, limits: Limits) -> Result:
    result = await kernel.run(FILES[lang], args=[what], limits=limits, stdin="")
    assert result.text.startswith("begun\n"), "partial output is always delivered"
    return result


@BATCH
async def test_wall_time(kernel: Kernel, lang: str) -> None:
    result = await ask(kernel, lang, "sleep", Limits(wall_time=1.0))

    assert (result.verdict, result.signal, result.exit_code) == ("time-limit", "SIGKILL", 137)
    assert 1.0 <= result.wall_time < 2.0
    assert result.reason == "limits.wallTime was reached"


@BATCH
async def test_cpu_time(kernel: Kernel, lang: str) -> None:
    result = await ask(kernel, lang, "spend", Limits(cpu_time=1.0))

    assert (result.verdict, result.signal) == ("time-limit", "SIGKILL")
    assert 1.0 <= result.cpu_time < 2.0
    assert result.reason == "limits.cpuTime was reached"


@BATCH
async def test_sleeping_costs_no_cpu_time(kernel: Kernel) -> None:
    result = await kernel.run(build=False, exec="sleep 1.2", limits=Limits(cpu_time=1.0))

    assert result.verdict == "ok"
    assert result.cpu_time < 0.5


@BATCH
async def test_memory(kernel: Kernel, lang: str) -> None:
    result = await ask(kernel, lang, "hoard", Limits(memory=150 * MIB))

    assert (result.verdict, result.signal) == ("memory-limit", "SIGKILL")
    assert 150 * MIB <= result.max_rss < 250 * MIB
    assert result.reason == "limits.memory was exceeded"


@BATCH
async def test_processes(kernel: Kernel, lang: str) -> None:
    result = await ask(kernel, lang, "multiply", Limits(processes=20, wall_time=20))

    assert (result.verdict, result.signal) == ("signal", "SIGKILL")
    assert result.reason == "limits.processes was exceeded"
    assert (await kernel.execute("exec", "echo fine")).text == "fine\n"


@BATCH
async def test_file_size(kernel: Kernel, lang: str) -> None:
    result = await ask(kernel, lang, "file", Limits(file_size=MIB))
    size = await kernel.execute("exec", "stat -c %s large; rm large")

    # Who does not know of the signal SIGXFSZ dies of it; runtimes make an error of it.
    assert result.verdict in {"signal", "error"}
    assert result.signal == ("SIGXFSZ" if lang == "c" else None)
    assert size.text == f"{MIB}\n"


@BATCH
async def test_output_is_cut_and_the_program_goes_on(kernel: Kernel, lang: str) -> None:
    result = await ask(kernel, lang, "talk", Limits(output=10_000))

    assert (result.verdict, result.exit_code) == ("ok", 0)
    assert result.text == TALK[:10_000]
    assert result.dropped == (len(TALK) - 10_000, 0)


@BATCH
async def test_output_ends_the_program_where_that_is_asked(kernel: Kernel, lang: str) -> None:
    limits = Limits(output=10_000, output_action="kill")
    result = await ask(kernel, lang, "talk", limits)

    assert result.verdict == "output-limit"
    assert result.text == TALK[:10_000]
    assert result.dropped.stdout > 0
    assert result.reason == "limits.output was exceeded"


@C
async def test_the_two_streams_share_the_limit_of_output(kernel: Kernel) -> None:
    command = "printf 12345; sleep 0.2; printf 67890 >&2; sleep 0.2; printf abc; printf xyz >&2"
    result = await kernel.run(build=False, exec=command, limits=Limits(output=8))

    assert (result.stdout, result.stderr) == (b"12345", b"678")
    assert result.dropped == (3, 5)


@C
async def test_limits_count_children_too(kernel: Kernel) -> None:
    command = "for n in 1 2; do (while :; do :; done) & done; wait"
    result = await kernel.run(build=False, exec=command, limits=Limits(cpu_time=1.0))

    assert result.verdict == "time-limit"
    assert result.wall_time < 5


@C
async def test_limits_are_not_the_compilers(kernel: Kernel, lang: str) -> None:
    limits = Limits(memory=3 * MIB, cpu_time=0.9, processes=2, file_size=100)
    result = await kernel.run(FILES[lang], limits=limits, stdin="")

    assert result.build is not None
    assert result.build.verdict == "ok"
    assert (result.verdict, result.text) == ("ok", "begun\n")


@C
async def test_defect_12_processes_that_come_and_go_are_no_trouble(kernel: Kernel) -> None:
    command = "i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i+1)); done; echo done"
    limits = Limits(memory=500 * MIB, processes=50, cpu_time=30)
    result = await kernel.run(build=False, exec=command, limits=limits)

    assert (result.text, result.verdict) == ("done\n", "ok")


@C
async def test_a_run_without_limits_follows_one_with(kernel: Kernel, lang: str) -> None:
    await ask(kernel, lang, "sleep", Limits(wall_time=0.2))

    result = await kernel.run(build=False, args=["talk"])

    assert (result.verdict, result.text) == ("ok", TALK)


@C
async def test_a_container_that_runs_out_of_memory_says_so_and_goes_on(
    fresh: Fresh, lang: str
) -> None:
    async with fresh(memory="128m") as kernel:
        result = await kernel.run(FILES[lang], args=["hoard"])
        after = await kernel.run(build=False)

    assert (result.verdict, result.exit_code, result.text) == ("memory-limit", 137, "begun\n")
    assert result.reason == "the container ran out of memory"
    assert (after.verdict, after.text) == ("ok", "begun\n")
