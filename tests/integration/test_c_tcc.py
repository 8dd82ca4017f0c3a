"""C by tcc, where `CC` says so: the same programs, sooner."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["c"])

TCC = {"CC": "tcc"}
# Says who compiled it.
HELLO = """
#include <stdio.h>
int main(void)
{
#ifdef __TINYC__
    puts("hello of tcc");
#else
    puts("hello of another");
#endif
}
"""
ASKS = """
#include <stdio.h>
int main(void)
{
    char name[20];
    printf("name? ");
    scanf("%19s", name);
    printf("hello %s\\n", name);
    return 3;
}
"""
LIBRARIES = """
#include <math.h>
#include <pthread.h>
#include <stdio.h>
static void *answer(void *number) { *(double *)number = sqrt(*(double *)number); return NULL; }
int main(int argc, char *argv[])
{
    double number = argc * SQUARE;
    pthread_t thread;
    pthread_create(&thread, NULL, answer, &number);
    pthread_join(thread, NULL);
    printf("%.1f %s\\n", number, argv[1]);
}
"""
WRONG = "#include <stdio.h>\nint main(void)\n{\n    puts(nobody);\n}\n"
ROUNDS = 15


async def test_queries_and_programs_are_compiled_by_whom_the_run_names(kernel: Kernel) -> None:
    asked = await kernel.query(HELLO, env=TCC, stdin="")
    ran = await kernel.run({"main.c": HELLO}, env=TCC, stdin="")
    made = await kernel.run({"main.c": HELLO, "Makefile": "main: main.c"}, env=TCC, stdin="")
    usual = await kernel.query(HELLO, stdin="")

    said = [result.text for result in (asked, ran, made, usual)]
    assert said == ["hello of tcc\n"] * 3 + ["hello of another\n"]


async def test_input_is_asked_for_behind_the_prompt(kernel: Kernel) -> None:
    said, end = await talk(kernel.query(ASKS, env=TCC), kernel, "Ada")

    assert (said, end.exit_code) == (["name? ", "?", "hello Ada\n"], 3)


async def test_libraries_flags_and_arguments_count(kernel: Kernel) -> None:
    env = {**TCC, "CFLAGS": "-DSQUARE=4.5", "LDFLAGS": "-lm"}
    asked = await kernel.query(LIBRARIES, env=env, args=["ok"], stdin="")

    assert asked.text == "3.0 ok\n", asked.stderr.decode()


async def test_an_error_names_file_and_line(kernel: Kernel) -> None:
    asked = await kernel.query(WRONG, env=TCC, stdin="")

    assert "main.c:4: error: 'nobody' undeclared" in asked.stderr.decode()
    assert (asked.verdict, asked.exit_code) == ("error", 1)


async def test_a_compiler_that_is_not_there_is_named(kernel: Kernel) -> None:
    asked = await kernel.query(HELLO, env={"CC": "no-such-cc"}, stdin="")

    assert asked.stderr == b"no-such-cc: command not found\n"
    assert asked.exit_code == 127


@pytest.mark.deadline(120)
async def test_a_query_is_answered_in_half_the_time(kernel: Kernel) -> None:
    async def cost(env: dict[str, str]) -> float:
        began = time.perf_counter()
        result = await kernel.query(HELLO, env=env, stdin="")
        assert result.verdict == "ok", result.stderr.decode()
        return time.perf_counter() - began

    # What else the machine does makes both dearer, never cheaper.
    quick, usual = [await cost(TCC)], [await cost({})]
    while len(usual) < ROUNDS and min(quick) >= min(usual) / 2:
        quick.append(await cost(TCC))
        usual.append(await cost({}))

    assert min(quick) < min(usual) / 2
