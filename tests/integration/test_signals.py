"""How a program ended is told as it was."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from driving.kernels import until_printed

if TYPE_CHECKING:
    from polykernel import Kernel

SIGNALS = ("SIGSEGV", "SIGABRT", "SIGFPE", "SIGKILL", "SIGTERM", "SIGINT", "SIGPIPE", "SIGUSR1")
RAISES = """
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    puts("last words");
    fflush(stdout);
    raise(atoi(argv[argc - 1]));
}
"""
SEGFAULTS = "#include <stddef.h>\nint main(void) { int *volatile nowhere = NULL; return *nowhere; }"


@pytest.mark.parametrize("lang", ["c"])
async def test_defect_04_death_by_a_signal_is_128_and_its_number(kernel: Kernel) -> None:
    for name in SIGNALS:
        number = signal.Signals[name]
        result = await kernel.run({"main.c": RAISES}, args=[str(int(number))])

        assert (result.verdict, result.signal, result.exit_code) == ("signal", name, 128 + number)
        assert result.text == "last words\n"


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("mode", ["batch", "query"])
async def test_a_segmentation_fault_is_told_in_both_modes(kernel: Kernel, mode: str) -> None:
    run = kernel.query(SEGFAULTS) if mode == "query" else kernel.run({"main.c": SEGFAULTS})

    result = await run

    assert (result.verdict, result.signal, result.exit_code) == ("signal", "SIGSEGV", 139)


@pytest.mark.parametrize("lang", ["python", "java", "rust", "julia"])
async def test_a_shell_that_dies_of_a_signal_tells_it_in_each_image(kernel: Kernel) -> None:
    result = await kernel.execute("exec", "kill -TERM $$")

    assert (result.verdict, result.signal, result.exit_code) == ("signal", "SIGTERM", 143)


@pytest.mark.parametrize("lang", ["c"])
async def test_a_real_time_signal_has_a_number_too(kernel: Kernel) -> None:
    result = await kernel.run({"main.c": RAISES}, args=["40"])

    assert (result.verdict, result.signal, result.exit_code) == ("signal", "SIG40", 168)


@pytest.mark.parametrize("lang", ["c"])
async def test_exit_codes_are_the_programs_own(kernel: Kernel) -> None:
    for code in (0, 1, 3, 127, 255):
        result = await kernel.execute("exec", f"exit {code}")

        assert (result.exit_code, result.signal) == (code, None)
        assert result.verdict == ("error" if code else "ok")


@pytest.mark.parametrize("lang", ["c"])
async def test_a_program_that_stopped_itself_can_be_interrupted(kernel: Kernel) -> None:
    run = kernel.execute("exec", "echo up; kill -STOP $$; echo never")
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.stdout) == ("interrupted", b"")
