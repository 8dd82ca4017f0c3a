"""The git image's shell, which lives on from query to query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driving.kernels import fine, until_printed

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["git"])


async def test_directory_variables_and_functions_stay(kernel: Kernel) -> None:
    await fine(kernel, "mkdir -p deep/er; cd deep/er; x=41; twice() { echo $(($1 * 2)); }")
    assert await fine(kernel, "pwd; twice $((x + 1))") == "/home/work/deep/er\n84\n"
    await fine(kernel, "cd")


@pytest.mark.parametrize(
    "busy",
    [
        "sleep 600",
        "sleep 600 | cat",
        "wait_long() { sleep 600; }; wait_long",
        "x=$(sleep 600)",
        "read -r never",
        "while :; do :; done",
        # Whoever makes nothing of it does not keep the rest from being dropped.
        "(trap '' INT; sleep 0.3)",
        "set -m; sleep 600",
    ],
)
async def test_an_interrupt_ends_all_of_a_query_and_nothing_else(kernel: Kernel, busy: str) -> None:
    await fine(kernel, "kept=42")
    run = kernel.query(f"echo begun\n{busy}\necho went on")
    await until_printed(run, "begun\n")
    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.exit_code, result.state) == ("interrupted", 130, "kept")
    assert result.text == "", "what stood behind was dropped"
    assert result.wall_time < 2
    assert await fine(kernel, "echo $kept") == "42\n"


async def test_what_ends_the_shell_is_told_and_the_next_query_has_a_new_one(fresh: Fresh) -> None:
    async with fresh() as kernel:
        await fine(kernel, "x=41; trap 'echo left' EXIT")
        ended = await kernel.query("echo out; exit 7")
        assert (ended.exit_code, ended.state, ended.text) == (7, "lost", "out\nleft\n")
        killed = await kernel.query("kill -9 $$")
        assert (killed.exit_code, killed.verdict, killed.signal) == (137, "signal", "SIGKILL")
        assert await fine(kernel, "echo [$x]; pwd") == "[]\n/home/work\n"


async def test_whatever_a_shell_is_told_its_prompts_do_not_show(kernel: Kernel) -> None:
    await fine(kernel, "PS1='prompt> ' PS2='more> ' PROMPT_COMMAND='echo prompting'")
    result = await kernel.query("exec >/dev/null 2>&1; echo unseen")
    assert (result.text, result.stderr) == ("", b"")
    assert await fine(kernel, 'echo "wow!! !x"\nalias hi="echo hello"\nhi') == "wow!! !x\nhello\n"


async def test_what_is_no_shell_code_is_told_as_bash_does(kernel: Kernel) -> None:
    result = await kernel.query("echo fine\nif then\nfi")

    assert (result.verdict, result.exit_code, result.text) == ("error", 2, "fine\n")
    assert b"line 2: syntax error near unexpected token `then'" in result.stderr


async def test_who_makes_a_commit_must_say_who_that_is(fresh: Fresh) -> None:
    async with fresh() as kernel:
        result = await kernel.query("git init -q own && cd own && git commit --allow-empty -m x")

    assert result.exit_code == 128
    assert b"Please tell me who you are" in result.stderr


async def test_a_program_is_refused_with_what_to_do_instead(kernel: Kernel) -> None:
    result = await kernel.run({"main.sh": "echo hi"})

    assert (result.verdict, result.exit_code) == ("refused", 127)
    assert result.stderr == b"git runs no programs in batch; send code as a query instead\n"


async def test_the_terminal_has_git(kernel: Kernel) -> None:
    async with kernel.terminal() as terminal:
        await terminal.type("git init -q typed && git -C typed status\r")
        drawn = b""
        while b"No commits yet" not in drawn:
            drawn += await anext(terminal)
