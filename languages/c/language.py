"""C, by the compiler that CC names.

A Makefile that leaves `main` (or `a.out`), or all C files below the work directory.
"""

from polykernel_runner.language import BuildStep, Project, Snippet

_COMPILE = ("$CC", "-std=gnu23", "-O2", "-Wall", "-I{work}", "$CFLAGS", "-o", "{build}/main")
_LIBRARIES = ("$LDFLAGS", "-lm", "-pthread")
_RUN_WHAT_MAKE_MADE = """
for program in ./main ./a.out; do [ -f $program ] && exec $program "$@"; done
echo "there is nothing to run: make left neither main nor a.out in the work directory" >&2
exit 127
"""

name = "c"
projects = (
    Project(
        when=("GNUmakefile", "makefile", "Makefile"),
        build=(BuildStep(argv=("make", "--silent")),),
        run=("sh", "-c", _RUN_WHAT_MAKE_MADE, "sh", "{args}"),
    ),
    Project(
        when=("**/*.c",),
        sources="**/*.c",
        build=(BuildStep(argv=(*_COMPILE, "{sources}", *_LIBRARIES)),),
        run=("{build}/main", "{args}"),
    ),
)
query = Snippet(
    file="main.c",
    build=(BuildStep(argv=(*_COMPILE, "main.c", *_LIBRARIES)),),
    run=("{build}/main", "{args}"),
)
# tcc does with less and is there in a tenth of the time: docs/c.md.
env = {"CC": "gcc"}
# As at a terminal: whole lines are shown at once, and what was printed before input is waited for.
live_env = {
    "LD_PRELOAD": "/usr/libexec/coreutils/libstdbuf.so",
    "_STDBUF_I": "L",
    "_STDBUF_O": "L",
    # A program that was built with it refuses to start behind another preloaded library.
    "ASAN_OPTIONS": "verify_asan_link_order=0",
}
