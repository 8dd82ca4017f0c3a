"""Queries to Java: whole programs, or whatever JShell understands; their state is kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from driving.kernels import talk, until, until_printed
from polykernel import Media, WaitingInput

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["java"])

INTERRUPTED = ("interrupted", 130, "kept")
PROGRAM = 'class Hello { public static void main(String[] args) { System.out.println("%s"); } }'
STATEMENT = 'System.out.println("%s");'
SECONDS = 0.15
ROUNDS = 20


@pytest.mark.parametrize("hello", [PROGRAM, STATEMENT])
async def test_a_warm_hello_comes_at_once(kernel: Kernel, hello: str) -> None:
    await kernel.query(hello % "first", stdin="")
    took: list[float] = []
    # What else the machine does makes it slower, never faster.
    while len(took) < ROUNDS and min(took, default=SECONDS) >= SECONDS:
        text = f"number {len(took)}"  # each is compiled
        started = time.perf_counter()
        result = await kernel.query(hello % text, stdin="")
        took.append(time.perf_counter() - started)
        assert result.text == f"{text}\n", result.stderr.decode()

    assert min(took) < SECONDS


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("20 + 22", "42\n"),
        ("20 + 22;", ""),
        ('"größer"', '"größer"\n'),
        ("new int[] {1, 2}", "int[2] { 1, 2 }\n"),
        ("record Point(int x, int y) {}\nnew Point(1, 2)", "Point[x=1, y=2]\n"),
        ("int number = 5", ""),
        ("number = 6 // a remark", "6\n"),
        ("for (var each : List.of(1, 2))\n    IO.println(each);\n\nnull", "1\n2\nnull\n"),
        ("Object nothing() { return null; }\nvoid nobody() {}\nnobody()", ""),
        ("import java.time.*;\nDuration.ofMinutes(90).toHours()", "1\n"),
    ],
)
async def test_the_value_of_a_last_expression_is_shown(
    kernel: Kernel, code: str, printed: str
) -> None:
    await kernel.query("int number = 1;", stdin="")
    result = await kernel.query(code, stdin="")

    assert (result.text, result.stderr.decode(), result.verdict) == (printed, "", "ok")


async def test_what_queries_declare_is_there_for_the_next(kernel: Kernel) -> None:
    await kernel.reset()
    early = await kernel.query("int twice(int n) { return times(n, 2); }")
    animals = "sealed interface Animal permits Cat {}\nrecord Cat(int lives) implements Animal {}"
    assert (await kernel.query(animals)).stderr == b""
    await kernel.query("int times(int a, int b) { return a * b; }")
    late = await kernel.query("twice(new Cat(9).lives())")

    assert early.verdict == "ok"
    missing = "twice cannot be used until there is method times(int,int)"
    assert early.stderr.decode() == f"In[1]:1: note: {missing}\n"
    assert late.text == "18\n", late.stderr.decode()


@pytest.mark.parametrize("package", ["", "package shop;\n"])
async def test_later_queries_use_what_a_program_declared(kernel: Kernel, package: str) -> None:
    shop = "class Shop { static void main() { IO.println(1); } }"
    assert (await kernel.query(f"{package}record Price(int cents) {{}}\n{shop}")).text == "1\n"

    assert (await kernel.query("new Price(5).cents()")).text == "5\n"


async def test_an_error_tells_the_lines_of_its_own_and_of_earlier_queries(kernel: Kernel) -> None:
    await kernel.reset()
    await kernel.query("int half(int n) {\n    return n / (n - n);\n}")
    result = await kernel.query("int n = 4;\n\nint m =\n    half(n);")
    catches = "try {\n    half(1);\n} catch (Throwable e) {\n    e.printStackTrace();\n}"
    caught = await kernel.query(catches)

    assert (result.verdict, result.exit_code, result.state) == ("error", 1, "kept")
    assert result.stderr.decode().splitlines() == [
        'Exception in thread "main" java.lang.ArithmeticException: / by zero',
        "\tat REPL.half(In[1]:2)",
        "\tat REPL.main(In[2]:4)",
    ]
    assert "half(In[1]:2)" in caught.stderr.decode()
    assert "(In[3]:2)" in caught.stderr.decode()


async def test_what_does_not_compile_is_told_as_javac_does(kernel: Kernel) -> None:
    await kernel.reset()
    result = await kernel.query("int n = 1;\n  int m = n + none;\nIO.println(n);")

    assert (result.stdout, result.exit_code, result.state) == (b"", 1, "kept")
    assert result.stderr.decode() == (
        "In[1]:2: error: cannot find symbol\n"
        "  int m = n + none;\n"
        "              ^\n"
        "  symbol:   variable none\n"
        "1 error\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "while (true) {}",
        "Thread.sleep(1_000_000);",
        "System.in.read()",
        'new ProcessBuilder("sleep", "1000").inheritIO().start().waitFor()',
        "while (true) try { Thread.sleep(10); } catch (Throwable ignored) {}",
        "CompletableFuture.runAsync(() -> { while (true) {} }).get()",
        "LongStream.range(0, Long.MAX_VALUE).parallel().sum()",
        "for (long n = 0; n >= 0; n++) {}",
    ],
)
async def test_an_interrupt_ends_a_query_and_keeps_its_state(kernel: Kernel, code: str) -> None:
    await kernel.query("int answer = 42;")
    run = kernel.query(f'IO.println("up");\n{code}')
    await until_printed(run, "up\n")

    await kernel.interrupt()
    result = await run

    assert (result.verdict, result.exit_code, result.state) == INTERRUPTED
    assert result.stderr == b""
    after = await kernel.query("CompletableFuture.supplyAsync(() -> answer).get()")
    assert after.text == "42\n", "nor is the common pool harmed"


@pytest.mark.parametrize(
    "code",
    [
        "while (true) {}",
        "Executors.newFixedThreadPool(2).submit(() -> { while (true) {} });",
        "new Timer().schedule(new TimerTask() { public void run() {} }, 0, 1000);",
    ],
)
async def test_an_interrupt_ends_a_program_with_all_its_threads(kernel: Kernel, code: str) -> None:
    run = kernel.query(f'import java.util.*;\nvoid main() {{ IO.println("up"); {code} }}')
    await until_printed(run, "up\n")

    await kernel.interrupt()

    result = await run
    assert (result.verdict, result.exit_code, result.state) == INTERRUPTED


async def test_a_program_ends_when_its_threads_have(kernel: Kernel) -> None:
    code = """
        void main() {
            new Timer(true).schedule(new TimerTask() {
                public void run() { IO.println("never"); }
            }, 1_000_000);
            new Thread(() -> { IO.println("thread"); throw new IllegalStateException(); }).start();
        }
    """
    result = await kernel.query(code)

    assert (result.text, result.exit_code) == ("thread\n", 0), "as java says"
    assert "IllegalStateException" in result.stderr.decode()
    timers = 'Thread.getAllStackTraces().keySet().toString().contains("Timer-")'
    assert (await kernel.query(timers)).text == "false\n"


async def test_every_query_has_input_of_its_own(kernel: Kernel) -> None:
    closes = "try (var in = new Scanner(System.in)) { IO.println(in.nextLine()); }"
    assert (await kernel.query(closes, stdin="first\nleft\n")).text == "first\n"
    assert (await kernel.query('IO.readln("? ")', stdin="second\nleft\n")).text == '? "second"\n'
    said, end = await talk(kernel.query('IO.println(IO.readln("? "))'), kernel, "third")

    assert (said, end.verdict) == (["? ", "?", "third\n"], "ok")


async def test_an_interrupted_prompt_leaves_nothing_for_the_next(kernel: Kernel) -> None:
    run = kernel.query('IO.readln("name? ")')
    await until(run, WaitingInput)

    await kernel.interrupt()
    await kernel.input("late")
    assert (await run).verdict == "interrupted"
    again = kernel.query('IO.readln("again? ")')
    await until(again, WaitingInput)
    await kernel.input("Ada")

    assert (await again).text.endswith('"Ada"\n')


async def test_streams_that_a_query_closed_are_there_for_the_next(kernel: Kernel) -> None:
    for harm in (
        "try (var out = new FileOutputStream(FileDescriptor.out)) {}",
        "System.out.close(); System.err.close();",
        "System.setOut(new PrintStream(OutputStream.nullOutputStream()));",
    ):
        await kernel.query(harm)
        assert (await kernel.query('IO.println("here")')).text == "here\n"


async def test_a_query_that_ends_the_process_has_its_exit_code(kernel: Kernel) -> None:
    result = await kernel.query("int lost = 1;\nSystem.exit(3);")
    after = await kernel.query("lost")

    assert (result.exit_code, result.state) == (3, "lost")
    assert (after.exit_code, after.state) == (1, "kept")


async def test_a_picture_is_seen_and_keeps_its_place(kernel: Kernel) -> None:
    code = """
        import java.awt.image.BufferedImage;
        IO.println("before");
        var image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
        image.createGraphics().drawString("g", 0, 8);
        image
    """
    result = await kernel.query(code)

    assert (result.text, result.stderr.decode()) == ("before\n", "")
    assert [media.type for media in result.media] == ["image/png"]
    assert isinstance(result.media[0], Media)


async def test_code_is_completed_as_it_stands(kernel: Kernel) -> None:
    await kernel.query("String größe = null;")

    async def first(code: str) -> str | None:
        return next(iter((await kernel.complete(code)).suggestions), None)

    assert await first("größe.isEm") == "isEmpty()"
    assert await first("IO.println(grö") == "größe"
    assert await first("int number = 1;\nnum") == "number"
    assert await first("var text = größe;\ntext.isEm") == "isEmpty()"
    assert await first("package app;\nclass App { String s; void run() { s.isEm") == "isEmpty()"
    assert (await kernel.complete("größe.isEm")).start == len("größe.")


async def test_code_is_explained_and_known_to_be_whole(kernel: Kernel) -> None:
    await kernel.query("int square(int n) { return n * n; }")

    assert (await kernel.inspect("square(3)", 3)).text == "int square(int n)"
    assert "int Math.max(int a, int b)" in (await kernel.inspect("Math.max(1, 2)", 7)).text
    assert not (await kernel.inspect("nothing", 7)).found
    assert (await kernel.is_complete("int n = 1")).status == "complete"
    unfinished = await kernel.is_complete("package app;\nclass App {\n    void run() {")
    assert (unfinished.status, unfinished.indent) == ("incomplete", "        ")
    assert (await kernel.is_complete("}")).status == "invalid"


async def test_libraries_are_there_as_soon_as_they_come(kernel: Kernel) -> None:
    late = "package late; public class Late { public static int n = 42; }"
    pack = "mkdir lib && javac -d classes Late.java && jar -cf lib/late.jar -C classes ."
    assert (await kernel.query("late.Late.n")).exit_code == 1
    packed = await kernel.run({"Late.java": late}, build=False, exec=pack, keep=True, stdin="")
    assert packed.verdict == "ok", packed.stderr.decode()

    assert (await kernel.query("late.Late.n")).text == "42\n"
    program = await kernel.query("void main() { IO.println(late.Late.n++); }")
    assert program.text == "42\n", program.stderr.decode()
    assert (await kernel.query("late.Late.n")).text == "43\n", "programs and statements share it"
