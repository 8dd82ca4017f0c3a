"""Whole jobs: files, arguments, environment, a build that serves many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

C = pytest.mark.parametrize("lang", ["c"])
PYTHON = pytest.mark.parametrize("lang", ["python"])

ECHOES = """
#include <stdio.h>
int main(int argc, char **argv) {
    for (int n = 1; n < argc; n++) printf("[%s]", argv[n]);
    for (int c; (c = getchar()) != EOF;) putchar(c);
    putchar('\\n');
}
"""


@C
async def test_compiled_once_run_many_times(kernel: Kernel) -> None:
    first = await kernel.run({"main.c": ECHOES}, args=["a b", "", "ü", "$HOME", "*"], stdin="")
    second = await kernel.run(build=False, args=["x"], stdin="given")
    third = await kernel.run(build=False, stdin=b"other")

    assert first.text == "[a b][][ü][$HOME][*]\n"
    assert (second.text, third.text) == ("[x]given\n", "other\n")
    assert first.build is not None
    assert (second.build, third.build) == (None, None)


@pytest.mark.parametrize("lang", ["c", "java", "rust"])
async def test_what_was_built_runs_again_in_every_compiled_language(
    kernel: Kernel, lang: str
) -> None:
    name, source = {
        "c": ("main.c", ECHOES),
        "java": (
            "Main.java",
            'void main(String[] args) { System.out.println("[" + args[0] + "]"); }',
        ),
        "rust": (
            "main.rs",
            'fn main() { println!("[{}]", std::env::args().nth(1).unwrap()); }',
        ),
    }[lang]
    first = await kernel.run({name: source}, args=["one"], stdin="")
    second = await kernel.run(build=False, args=["two"], stdin="")

    assert (first.text, second.text) == ("[one]\n", "[two]\n")


@C
async def test_files_of_one_job_are_not_in_the_next(fresh: Fresh) -> None:
    files = {"one/a.txt": "a", "one/two/b.txt": "b", "c.txt": "c"}
    show = "find . -mindepth 1; cat c.txt"
    async with fresh() as kernel:
        await kernel.run(files, build=False, exec=False)
        result = await kernel.run({"c.txt": "new"}, build=False, exec=show)

    assert result.text == "./c.txt\nnew"


@C
async def test_a_job_without_files_keeps_those_there_are(kernel: Kernel) -> None:
    await kernel.run({"a.txt": "a"}, build=False, exec=False)
    result = await kernel.run(build=False, exec="cat a.txt")

    assert result.text == "a"


@C
async def test_what_a_program_made_goes_with_it_unless_it_is_to_be_kept(fresh: Fresh) -> None:
    make, look = "echo made > made.txt; echo made > /tmp/made.txt", "ls; ls /tmp/*.txt"
    async with fresh() as kernel:
        await kernel.run({"a.txt": "a"}, build=False, exec=make)
        again = await kernel.run(build=False, exec="cat made.txt /tmp/made.txt")
        kept = await kernel.run({"b.txt": "b"}, build=False, exec="ls", keep=True)
        gone = await kernel.run({"c.txt": "c"}, build=False, exec=look)

    assert again.text == "made\nmade\n"
    assert kept.text == "a.txt\nb.txt\nmade.txt\n"
    assert gone.text == "c.txt\n"


@C
async def test_file_names_may_be_anything_a_name_may_be(kernel: Kernel) -> None:
    names = ["two words.c", "grün/käse.c", "'quoted\".c", "$(touch no).c", "-o.c"]
    files = {name: f"int part{n}(void) {{ return {n}; }}" for n, name in enumerate(names)}
    calls = " + ".join(f"part{n}()" for n in range(len(names)))
    declared = " ".join(f"int part{n}(void);" for n in range(len(names)))
    main = f'#include <stdio.h>\n{declared}\nint main(void) {{ printf("%d\\n", {calls}); }}'
    result = await kernel.run({**files, "main.c": main}, stdin="")
    left = await kernel.execute("exec", "ls -d no")

    assert (result.text, result.verdict) == ("10\n", "ok"), result.stderr.decode()
    assert left.exit_code != 0


@C
@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ".", "", "/", "a\0b"])
async def test_names_that_lead_out_are_refused(kernel: Kernel, name: str) -> None:
    result = await kernel.run({"fine.txt": "", name: "x"}, build=False, exec="echo never")

    assert (result.verdict, result.exit_code, result.text) == ("refused", 127, "")
    assert result.reason


@C
async def test_links_that_lead_out_are_refused(fresh: Fresh) -> None:
    async with fresh() as kernel:
        await kernel.execute("exec", "ln -s /tmp out; ln -s /tmp/target link.txt")
        by_directory = await kernel.run({"out/x": "x"}, build=False, exec="echo never")
        by_file = await kernel.run(
            {"link.txt": "x"}, build=False, exec="cat link.txt; ls /tmp/target"
        )

    assert (by_directory.verdict, by_directory.text) == ("refused", "")
    assert by_file.text == "x", "the link was replaced, not followed"
    assert by_file.verdict == "error"


@C
async def test_a_name_that_was_a_file_may_become_a_directory(kernel: Kernel) -> None:
    await kernel.run({"thing": "file"}, build=False, exec=False)
    result = await kernel.run({"thing/inside": "x"}, build=False, exec="cat thing/inside")
    back = await kernel.run({"thing": "file"}, build=False, exec="cat thing")

    assert (result.text, back.text) == ("x", "file")


@PYTHON
async def test_the_environment_of_a_job_is_its_own(fresh: Fresh) -> None:
    show = "import os\nprint(os.environ.get('MINE'), os.environ.get('CONTAINERS'))"
    async with fresh(env={"CONTAINERS": "given"}) as kernel:
        first = await kernel.run({"main.py": show}, env={"MINE": "mine"}, stdin="")
        second = await kernel.run(build=False, stdin="")
        third = await kernel.run(build=False, stdin="", env={"CONTAINERS": "changed"})

    assert first.text == "mine given\n"
    assert second.text == "None given\n"
    assert third.text == "None changed\n"


@C
async def test_the_compilers_environment_is_respected(kernel: Kernel) -> None:
    source = "#include <stdio.h>\nint main(void) { printf(WORD); }"
    flags = {"CFLAGS": "-DWORD='\"two words\"'"}
    result = await kernel.run({"main.c": source}, env=flags, stdin="")

    assert result.text == "two words"


@C
async def test_own_commands_build_and_run(kernel: Kernel) -> None:
    result = await kernel.run(
        {"main.c": ECHOES}, build="gcc -o mine main.c", exec='./mine "$@" | tr a-z A-Z',
        args=["a b", "c"], stdin="rest",
    )  # fmt: skip

    assert result.text == "[A B][C]REST\n"


@C
async def test_runs_that_were_sent_together_run_in_order(kernel: Kernel) -> None:
    runs = [kernel.execute("exec", f"sleep 0.0{9 - n}; echo {n} | tee -a log") for n in range(9)]
    log = kernel.execute("exec", "cat log; rm log")

    assert [(await run).text for run in runs] == [f"{n}\n" for n in range(9)]
    assert (await log).text == "".join(f"{n}\n" for n in range(9))


@C
async def test_a_program_and_its_query_do_not_meet(kernel: Kernel) -> None:
    """Defect 35: a query overwrote the user's ./main."""
    await kernel.run({"main.c": ECHOES, "main": "mine"}, args=["batch"], stdin="")
    query = await kernel.query("int main(void) { return 3; }")
    batch = await kernel.run(build=False, args=["batch"], stdin="")
    mine = await kernel.execute("exec", "cat main")

    assert (query.exit_code, batch.text, mine.text) == (3, "[batch]\n", "mine")


MOVES = """
import os
for top in ("/home/work", "/tmp", "/var/tmp"):
    os.makedirs(f"{top}/from/deep")
    open(f"{top}/from/deep/file", "w").close()
    os.rename(f"{top}/from/deep/file", f"{top}/from/file")
    os.rename(f"{top}/from", f"{top}/to")
print("moved")
"""


@PYTHON
async def test_files_can_be_moved_between_directories(kernel: Kernel) -> None:
    """By rename(2) itself, which the rules that keep programs apart could forbid."""
    result = await kernel.run({"main.py": MOVES}, stdin="")
    assert (result.text, result.stderr) == ("moved\n", b"")
