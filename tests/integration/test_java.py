"""Java programs: any class, any number of files, libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["java"])

SHAPES = {
    "geometry/Shape.java": """
        package geometry;
        public abstract sealed class Shape<T extends Number> permits Square {
            public abstract T area();
        }
    """,
    "geometry/Square.java": """
        package geometry;
        public final class Square extends Shape<Long> {
            private final Side side;
            public Square(Side side) { this.side = side; }
            @Override public Long area() { return side.length() * side.length(); }
        }
    """,
    "geometry/Side.java": "package geometry; public record Side(long length) {}",
    "app/Start.java": """
        package app;
        import geometry.*;
        public final class Start extends Base<String> implements Runnable {
            public static void main(String... args) { new Start().run(); }
            @Override public void run() {
                System.out.println(name("" + new Square(new Side(3)).area()));
            }
        }
        class Base<T extends Comparable<T>> { T name(T it) { return it; } }
    """,
}
FAILS = """package app;
import java.util.Scanner;

public final class Reader<T extends Comparable<T>> {
    record Line(String text) {}

    public static void main(String[] args) {
        var line = new Line(new Scanner(System.in).nextLine());
        throw new IllegalStateException(line.text());
    }
}
"""
MAIN = 'class {0} {{ public static void main(String[] args) {{ System.out.println("{0}"); }} }}'
LIBRARY = "package tools; public class Answer { public static int get() { return 42; } }"
PACK = "javac -d classes Answer.java && jar -c -C classes ."
USES = """
    class Uses {
        public static void main(String[] args) throws Exception {
            byte[] words = Uses.class.getResourceAsStream("words.txt").readAllBytes();
            System.out.println(tools.Answer.get() + new String(words));
        }
    }
"""


async def test_defect_37_any_class_is_found_and_run_as_it_was_written(kernel: Kernel) -> None:
    result = await kernel.run(SHAPES, stdin="")
    assert (result.text, result.verdict) == ("9\n", "ok"), result.stderr.decode()

    in_batch = await kernel.run({"any name.java": FAILS}, stdin="from stdin\n")
    in_query = await kernel.query(FAILS, stdin="from stdin\n")

    assert (in_batch.verdict, in_batch.exit_code) == ("error", 1)
    assert (in_query.verdict, in_query.exit_code) == ("error", 1)
    for file, words in ("any name.java", in_batch.stderr), ("main.java", in_query.stderr):
        trace = words.decode().splitlines()
        assert trace[-2:] == [
            'Exception in thread "main" java.lang.IllegalStateException: from stdin',
            f"\tat app.Reader.main({file}:9)",
        ], "true lines, and nothing of ours"


async def test_of_several_main_methods_one_must_be_named(kernel: Kernel) -> None:
    files = {"One.java": MAIN.format("One"), "Two.java": MAIN.format("Two")}
    unclear = await kernel.run(files, stdin="")
    named = await kernel.run(files, env={"MAIN_CLASS": "Two"}, stdin="")
    main = await kernel.run({**files, "Main.java": MAIN.format("Main")}, stdin="")

    assert unclear.build is not None
    assert (unclear.build.exit_code, unclear.verdict) == (1, "skipped")
    assert "several classes have a main method: One, Two" in unclear.stderr.decode()
    assert (named.text, main.text) == ("Two\n", "Main\n")


async def test_libraries_are_on_the_class_path(kernel: Kernel) -> None:
    packed = await kernel.run({"Answer.java": LIBRARY}, build=False, exec=PACK, stdin="")
    assert packed.verdict == "ok", packed.stderr.decode()
    files: dict[str, bytes | str] = {
        "lib/answer.jar": packed.stdout,
        "words.txt": "a resource",
        "Uses.java": USES,
    }

    assert (await kernel.run(files, stdin="")).text == "42a resource\n"


async def test_wrong_flags_are_the_compiler_s_to_complain_of(kernel: Kernel) -> None:
    env = {"JAVACFLAGS": "-Xlint:all -Werror --nonsense"}
    result = await kernel.run({"Main.java": MAIN.format("Main")}, env=env, stdin="")

    assert result.build is not None
    assert (result.build.exit_code, result.verdict) == (2, "skipped")
    assert "nonsense" in result.stderr.decode()
