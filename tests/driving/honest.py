"""One honest program for each language, and what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel import Limits

if TYPE_CHECKING:
    from polykernel import Kernel, Result

ANSWER = "the answer is 42\n"
PROGRAMS = {
    "c": {
        "main.c": '#include <stdio.h>\nint main(void) { printf("the answer is %d\\n", 6 * 7); }\n'
    },
    "python": {"main.py": "print('the answer is', 6 * 7)\n"},
    "perl": {"main.pl": 'print "the answer is ", 6 * 7, "\\n";\n'},
    "bash": {"main.sh": 'echo "the answer is $((6 * 7))"\n'},
    "java": {
        "Main.java": 'void main(String[] args) { System.out.println("the answer is " + 6 * 7); }\n'
    },
    "golang": {
        "main.go": (
            'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("the answer is", 6*7) }\n'
        )
    },
    "rust": {
        "Cargo.toml": '[package]\nname = "honest"\nversion = "0.1.0"\nedition = "2024"\n',
        "src/main.rs": 'fn main() { println!("the answer is {}", 6 * 7); }\n',
    },
}
# No honest program comes near it; one that hangs shall not take the test's time.
_LIMITS = Limits(wall_time=20.0)


async def run(kernel: Kernel, lang: str) -> Result:
    """Run the honest program of a language."""
    return await kernel.run(PROGRAMS[lang], stdin="", limits=_LIMITS)


def fault(result: Result) -> str | None:
    """Return what is wrong with how an honest program ended, if something is."""
    if (result.verdict, result.text, result.stderr) == ("ok", ANSWER, b""):
        return None
    return (
        f"an honest job ends with {result.verdict} {result.exit_code} ({result.reason}); "
        f"it prints {result.stdout[:500]!r}, {result.stderr[:500]!r}"
    )
